import * as fc from 'fast-check'
import { linkify } from './linkify.ts'

const links = (text: string) => linkify(text).flatMap(({ href }) => href ?? [])

describe('linkify', () => {
  it('finds addresses, and leaves the sentence around them alone', () => {
    expect(linkify('See https://example.com/a?b=1#c, please.')).toEqual([
      { text: 'See ' },
      { text: 'https://example.com/a?b=1#c', href: 'https://example.com/a?b=1#c' },
      { text: ', please.' },
    ])
    expect(linkify('www.example.com!')).toEqual([
      { text: 'www.example.com', href: 'https://www.example.com/' },
      { text: '!' },
    ])
  })

  it('keeps brackets that belong to the address', () => {
    expect(links('(https://en.wikipedia.org/wiki/Parley_(film))')).toEqual([
      'https://en.wikipedia.org/wiki/Parley_(film)',
    ])
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'https://',
    'http://user:secret@example.com',
    'https://paypal.com@evil.example',
    'mailto:a@example.com',
  ])('makes no link of %s', (text) => {
    expect(links(text)).toEqual([])
  })

  it('stops at markup and at invisible direction marks', () => {
    expect(links('https://example.com/<img src=x onerror=alert(1)>')).toEqual(['https://example.com/'])
    expect(links('https://example.com/\u202Egpj.exe')).toEqual(['https://example.com/'])
  })

  it('loses and adds nothing, and links to the web only', () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.constantFrom(' ', '\n', '(', ')', '.', 'www.', 'https://', 'javascript:', '<b>', '"', '@'),
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const pieces = linkify(parts.join(''))
        expect(pieces.map(({ text }) => text).join('')).toBe(parts.join(''))
        for (const { href } of pieces) {
          if (href !== undefined) expect(new URL(href).protocol).toMatch(/^https?:$/)
        }
      }),
    )
  })
})
