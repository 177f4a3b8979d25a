import { ParleyClientError } from '../client-error.ts'
import { problemFor } from '../testing/protocol-server.ts'
import { createPageSize, type PageSize } from './page-size.ts'

async function limitOf(pages: PageSize, wanted: number | undefined, failure?: unknown): Promise<unknown> {
  let asked: unknown
  const answer = pages.ask(wanted, async (limit) => {
    asked = limit
    if (failure !== undefined) throw failure
  })
  await answer.catch(() => undefined)
  return asked
}
const noAnswer = new ParleyClientError('unavailable')

describe('the size of pages', () => {
  it('halves with each answer that does not come, down to one, and grows with each that does', async () => {
    const pages = createPageSize(200)
    const failing = []
    for (let time = 0; time < 9; time += 1) failing.push(await limitOf(pages, 200, noAnswer))
    expect(failing).toEqual([200, 100, 50, 25, 12, 6, 3, 1, 1])
    const coming = []
    for (let time = 0; time < 6; time += 1) coming.push(await limitOf(pages, 200))
    expect(coming).toEqual([1, 2, 3, 4, 5, 7])
    for (let time = 0; time < 30; time += 1) await limitOf(pages, 200)
    expect(await limitOf(pages, 200)).toBe(200)
  })

  it('halves once when several answers fail to come at a time', async () => {
    const pages = createPageSize(200)
    await Promise.all([1, 2, 3, 4].map(() => limitOf(pages, 200, noAnswer)))
    expect(await limitOf(pages, 200)).toBe(100)
  })

  it('does not depend on answers that say no, and is left to the server until there is trouble', async () => {
    const pages = createPageSize(200)
    await limitOf(pages, 200, new ParleyClientError(problemFor('overloaded')))
    await limitOf(pages, 200, new Error('given up'))
    expect(await limitOf(pages, 30)).toBe(30)
    expect(await limitOf(pages, undefined)).toBeUndefined()
    await limitOf(pages, 30, noAnswer)
    expect(await limitOf(pages, undefined)).toBe(15)
    expect(await limitOf(pages, 200)).toBe(19)
  })

  it('is not of one item because somebody wanted one, and it did not come', async () => {
    const pages = createPageSize(200)
    await limitOf(pages, 1, noAnswer)
    expect(await limitOf(pages, 200)).toBe(200)
    await limitOf(pages, 20, noAnswer)
    expect(await limitOf(pages, 200)).toBe(10)
  })
})
