import { assert, constantFrom, oneof, property, string } from 'fast-check'
import { lookAlikeLetters } from './look-alike-letters.ts'
import { skeleton } from './skeleton.ts'

const name = string({ unit: 'grapheme', maxLength: 30 })
/** Letters that are swapped by whoever wants to be taken for somebody else. */
const swapped = oneof(name, string({ unit: constantFrom(...Array.from('alIi1|0OοаеѕΝνrnm \u200b\u0301')) }))

describe('skeleton', () => {
  it.each([
    [
      'Alice Smith',
      'ALICE  smith',
      'Álice Smith',
      'Ａｌｉｃｅ Smith',
      'Al\u200bice Sm\u00adith',
      'Al\u200aice Smith',
    ],
    ['Alice', 'Аlice', 'Αlice', 'AIice', 'A1ice', 'A|ice', 'Aliсе', 'ꓮlice', '𝐀𝗅𝚒𝕔𝑒'],
    ['Bob', 'B0b', 'Вob', 'Βob', 'ВОВ', 'bоb'],
    ['Norman', 'Norrnan', 'Νorman', 'NORMAN', 'Nоrmаn'],
    ['Steve', 'Steνe', 'Ѕteve'],
    ['Анна', 'AHHA', 'ΑΗΗΑ', 'анна'],
    ['Nick', 'Νick'],
    ['Jean-Luc', 'Jean Luc', 'JeanLuc'],
    ['ロカ', '口力'],
    ['\u0627li', 'lli'],
  ])('takes %s and others for one', (...names) => {
    expect(new Set(names.map(skeleton)).size).toBe(1)
  })

  it.each([
    ['Alice', 'Alicia'],
    ['Иван', 'Ivan'],
    ['Bob', 'Rob'],
    ['Павел', 'Пабел'],
    ['山田', '山本'],
    ['Ann', 'Amm'],
    ['...', '!!!'],
    ['🦊', '🐻'],
  ])('does not take %s for %s', (one, other) => {
    expect(skeleton(one)).not.toBe(skeleton(other))
  })

  it('knows each letter once', () => {
    const letters = lookAlikeLetters.flatMap(([, all]) => Array.from(all))
    expect(new Set(letters).size).toBe(letters.length)
  })

  it('changes nothing the second time', () => {
    assert(
      property(swapped, (one) => {
        expect(skeleton(skeleton(one))).toBe(skeleton(one))
      }),
    )
    for (const [look, letters] of lookAlikeLetters) {
      for (const letter of letters) expect([skeleton(letter), skeleton(look)]).toEqual([look, look])
    }
  })

  it('changes nothing the second time, whatever the character, alone and between others', () => {
    const changed: string[] = []
    const block = 0x400
    // Beyond these are tags, variation selectors and what is for private use.
    for (let from = 0; from <= 0x3_ffff; from += block) {
      if (from >= 0xd800 && from <= 0xdfff) continue
      const characters = Array.from({ length: block }, (_, index) => String.fromCodePoint(from + index))
      const once = skeleton(characters.map((each) => `${each} a${each}\u0327b`).join(' '))
      if (skeleton(once) !== once) changed.push(from.toString(16))
    }
    expect(changed).toEqual([])
  })

  it('does not tell ways of encoding, spaces and what is not seen apart', () => {
    assert(
      property(name, (one) => {
        for (const form of ['NFC', 'NFD'] as const) expect(skeleton(one.normalize(form))).toBe(skeleton(one))
        expect(skeleton(` ${one}\u200d `)).toBe(skeleton(one))
      }),
    )
  })
})
