import { type Asker, createFairQueue, type FairQueue } from './fair-queue.ts'

describe('a fair queue', () => {
  let queue: FairQueue
  let begun: string[]
  let finish: (() => void)[]
  let refused: string[]
  let time: number
  beforeEach(() => begin({ concurrency: 1, maxWaiting: 8 }))

  function begin(bounds: { concurrency: number; maxWaiting: number }): void {
    begun = []
    refused = []
    finish = []
    time = 0
    queue = createFairQueue({ ...bounds, now: () => time })
  }
  function ask(name: string, { network = name, account = name, known = false }: Partial<Asker> = {}): void {
    queue
      .run({ network, account, known }, () => {
        begun.push(name)
        return new Promise<void>((resolve) => finish.push(resolve))
      })
      .catch(({ code }: { code: string }) => refused.push(`${name}: ${code}`))
  }
  /** Lets everything go on that may, to the end. */
  async function drain(): Promise<void> {
    while (finish.length > 0) {
      finish.shift()?.()
      await new Promise(setImmediate)
    }
  }

  it('takes networks in turn, and accounts within a network', async () => {
    ask('working')
    for (const name of ['a1', 'a2', 'a3']) ask(name, { network: 'flood', account: 'a' })
    ask('b1', { network: 'flood', account: 'b' })
    ask('home')
    await drain()
    expect(begun).toEqual(['working', 'a1', 'home', 'b1', 'a2', 'a3'])
  })

  it('lets no network have more than half of the row, and within it the account with least come', async () => {
    ask('working')
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']) ask(name, { network: 'flood', account: 'a' })
    ask('b1', { network: 'flood', account: 'b' })
    for (const name of ['one', 'two']) ask(name)
    await drain()
    expect(begun).toEqual(['working', 'a1', 'one', 'two', 'b1', 'a2', 'a3'])
    expect(refused).toEqual(['a5: overloaded', 'a6: overloaded', 'a4: overloaded'])
  })

  it('gives a place to a network that has none, of one that has several', async () => {
    begin({ concurrency: 1, maxWaiting: 4 })
    ask('working')
    for (const name of ['a1', 'a2', 'b1', 'b2']) ask(name, { network: name.slice(0, 1) })
    ask('home')
    await drain()
    expect(begun).toEqual(['working', 'a1', 'b1', 'home', 'a2'])
    expect(refused).toEqual(['b2: overloaded'])
  })

  it('keeps every other turn, and places, for those who were here before', async () => {
    begin({ concurrency: 1, maxWaiting: 3 })
    ask('working')
    for (const name of ['a', 'b', 'c', 'd']) ask(name)
    for (const name of ['x', 'y']) ask(name, { known: true })
    await drain()
    expect(begun).toEqual(['working', 'x', 'a', 'y', 'b', 'c'])
    expect(refused).toEqual(['d: overloaded'])
  })

  it('does nothing for those who have waited for too long', async () => {
    ask('working')
    ask('late')
    time += 10_001
    ask('just come')
    await drain()
    expect(begun).toEqual(['working', 'just come'])
    expect(refused).toEqual(['late: overloaded'])
  })

  it('goes on after what fails', async () => {
    await expect(
      queue.run({ network: 'a', account: 'a', known: false }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no')
    ask('next')
    await drain()
    expect(begun).toEqual(['next'])
  })
})
