import { fitPage } from './fit-page.ts'

describe('a page in bytes', () => {
  // Two bytes each, and quotes.
  const items = ['ä', 'ö', 'ü']

  it.each([
    [12, 3],
    [11, 2],
    [8, 2],
    [7, 1],
    [0, 1],
  ])('of %d bytes holds %d items of four', (most, count) => {
    expect(fitPage(items, most)).toEqual(items.slice(0, count))
  })

  it('of nothing is empty', () => {
    expect(fitPage([])).toEqual([])
  })
})
