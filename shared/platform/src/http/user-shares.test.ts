import { setImmediate as nextTurn } from 'node:timers/promises'
import { createUserShares } from './user-shares.ts'

describe('questions of one user', () => {
  it('are answered two at a time, the next ones when others had their turn', async () => {
    const shares = createUserShares(100)
    const begun: string[] = []
    const ends: (() => void)[] = []
    const ask = (user: string, what: string) =>
      shares.answering(user, async () => {
        begun.push(what)
        await new Promise<void>((resolve) => ends.push(resolve))
        return what
      })
    const answers = ['1', '2', '3', '4'].map((what) => ask('mallory', what))
    expect(begun).toEqual(['1', '2'])
    ends[0]!()
    expect(await answers[0]).toBe('1')
    const honest = ask('alice', 'hers')
    expect(begun).toEqual(['1', '2', 'hers'])
    await nextTurn()
    expect(begun).toEqual(['1', '2', 'hers', '3'])
    for (const end of ends) end()
    await nextTurn()
    ends.at(-1)!()
    await nextTurn()
    ends.at(-1)!()
    expect(await Promise.all([...answers, honest])).toEqual(['1', '2', '3', '4', 'hers'])
  })

  it('go on when one of them fails', async () => {
    const shares = createUserShares(100)
    const failing = () => shares.answering('bob', () => Promise.reject(new Error('no')))
    const answers = Promise.allSettled(Array.from({ length: 5 }, failing))
    expect((await answers).map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
    expect(await shares.answering('bob', async () => 'yes')).toBe('yes')
  })
})
