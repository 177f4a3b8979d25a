import { foldName } from './fold-name.ts'

describe('foldName', () => {
  it.each([
    ['  Łukasz\t ŻÓŁĆ ', 'lukasz zolc'],
    ['STRASSE Straße STRAẞE', 'strasse strasse strasse'],
    ['Ørsted Ægir Œuvre Þór Đặng Sigurðsson', 'orsted aegir oeuvre thor dang sigurdsson'],
    ['İsmet ISMET Işık ısık', 'ismet ismet isik isik'],
    ['Émile E\u0301mile', 'emile emile'],
    ['ΣΊΣΥΦΟΣ Σίσυφος σισυφοσ', 'σισυφοσ σισυφοσ σισυφοσ'],
    ['Артём АРТЕМ', 'артем артем'],
    ['أحمد اَحْمَد احـمـد إسراء آمنة', 'احمد احمد احمد اسراء امنه'],
    ['علی كريم کریم', 'علي كريم كريم'],
    ['דָּוִד אברהם', 'דוד אברהמ'],
    ['ｆｉｎｎ ﬁnn K ﬅ', 'finn finn k st'],
    ['ｶﾞｷﾞ ガギ かき がぎ', 'ガギ ガギ かき がぎ'],
    ['\u1112\u1161\u11AB\u1100\u1173\u11AF 한글', '한글 한글'],
    ['山田', '山田'],
    ['क्षितिज สมชาย ဦးသန့်', 'क्षितिज สมชาย ဦးသန့်'],
    ["O'Neill O’Neill O´Neill", 'oneill oneill oneill'],
    ['Jean-Luc, J. R. (Bob) בֶּן־גּוּרִיּוֹן', 'jean luc j r bob בנ גוריונ'],
    ['a\u200bb\u200dc\u00add 👋🏽', 'abcd 👋🏽'],
    [' -.,\u200b\u0301 ', ''],
  ])('makes of %j %j', (name, folded) => {
    expect(foldName(name)).toBe(folded)
  })

  it('changes nothing the second time, whatever the character, alone and between others', () => {
    const changed: string[] = []
    const block = 0x400
    for (let from = 0; from <= 0x10_ffff; from += block) {
      if (from >= 0xd800 && from <= 0xdfff) continue
      const characters = Array.from({ length: block }, (_, index) => String.fromCodePoint(from + index))
      const folded = foldName(characters.map((each) => `${each} a${each}\u0327b`).join(' '))
      if (foldName(folded) !== folded) changed.push(from.toString(16))
    }
    expect(changed).toEqual([])
  })

  it('does not tell ways of encoding apart', () => {
    for (const name of ['Việt Đặng', 'Ångström', '한글', 'ガギ', 'क़लम', 'Ǻ', 'Ệ']) {
      const forms = (['NFC', 'NFD', 'NFKC', 'NFKD'] as const).map((form) => foldName(name.normalize(form)))
      expect(new Set(forms).size).toBe(1)
    }
  })
})
