import { readFileSync } from 'node:fs'
import { tintOf, tints } from './tint.ts'

const named = (firstName: string, lastName: string, id = 'p') => ({ id, firstName, lastName })

describe('tints', () => {
  it('follow from the name, so that new data has the same', () => {
    expect(tintOf(named('Bob', 'Brown', 'one'))).toBe(tintOf(named('Bob', 'Brown', 'another')))
    expect(tintOf(named('bob', 'BROWN'))).toBe(tintOf(named('Bob', 'Brown')))
    expect(tintOf(named('Rene\u0301', 'B'))).toBe(tintOf(named('Ren\u00e9', 'B')))
  })

  it('do not repeat among the people of the demo', () => {
    const people = [
      named('Alice', 'Adams'),
      named('Bob', 'Brown'),
      named('Noor', 'Haddad'),
      named('Yuki', 'Tanaka'),
    ]
    expect(new Set(people.map(tintOf)).size).toBe(people.length)
  })

  it('are used about equally often', () => {
    const used = Array.from({ length: tints }, () => 0)
    for (let number = 0; number < 6_000; number += 1) used[tintOf(named(`Name${number}`, 'Test'))]! += 1
    for (const count of used) expect(Math.abs(count - 500)).toBeLessThan(150)
  })
})

/** WCAG's relative luminance. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

describe('the colours of tints', () => {
  const css = readFileSync('services/web/src/styles/tints.css', 'utf8')
  const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)')
  const rule = /\[data-tint='(\d+)'\][^}]*--tint: (#\w{6});[^}]*--tint-ink: (#\w{6});/g

  it.each([
    ['light', light],
    ['dark', dark],
  ])('%s: all of them are there, and their initials can be read equally well', (_, rules) => {
    const colours = [...rules.matchAll(rule)].map(([, tint, back, ink]) => ({
      tint: Number(tint),
      back: back!,
      contrast: contrast(back!, ink!),
    }))
    expect(colours.map(({ tint }) => tint)).toEqual(Array.from({ length: tints }, (_, tint) => tint))
    expect(new Set(colours.map(({ back }) => back)).size).toBe(tints)
    for (const one of colours) {
      // More than the 4.5 that WCAG AA asks for.
      expect(one.contrast).toBeGreaterThan(6.3)
      expect(one.contrast).toBeLessThan(6.7)
    }
  })
})
