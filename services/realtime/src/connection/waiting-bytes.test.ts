import { createWaitingBytes } from './waiting-bytes.ts'

/** A connection, as far as this is concerned. */
interface Fake {
  readonly owner: string
  bytes: number
}

function createBudget(most: number) {
  const cut: Fake[] = []
  const waiting = createWaitingBytes<Fake>({
    most,
    measure: ({ bytes }) => bytes,
    ownerOf: ({ owner }) => owner,
    cut(connection) {
      cut.push(connection)
      connection.bytes = 0
    },
  })
  /** So many bytes wait for it now. */
  function wait(connection: Fake, bytes: number): void {
    connection.bytes = bytes
    waiting.note(connection, bytes)
  }
  return { cut, wait, waiting }
}
const of = (owner: string): Fake => ({ owner, bytes: 0 })

describe('bytes that wait in the process', () => {
  it('may be as many as the budget', () => {
    const { cut, wait } = createBudget(100)
    const [first, second] = [of('alice'), of('bob')]
    wait(first, 40)
    wait(first, 50)
    wait(second, 50)
    expect(cut).toEqual([])
  })

  it('are beyond it those of the user for whom most waits, the largest connection first', () => {
    const { cut, wait } = createBudget(100)
    const slow = of('alice')
    const hoard = [30, 20, 25].map((bytes) => ({ of: of('mallory'), bytes }))
    wait(slow, 24)
    for (const { of: connection, bytes } of hoard) wait(connection, bytes)
    expect(cut).toEqual([])
    wait(of('bob'), 2)
    expect(cut).toEqual([hoard[0]!.of])
  })

  it('are let go until there is room for more', () => {
    const { cut, wait } = createBudget(800)
    const hoard = Array.from({ length: 16 }, () => of('mallory'))
    for (const connection of hoard) wait(connection, 50)
    wait(of('bob'), 1)
    // Down to seven eighths, so that the next byte does not have all of them measured again.
    expect(cut).toHaveLength(3)
  })

  it('of a connection that read meanwhile do not count', () => {
    const { cut, wait } = createBudget(100)
    const quick = of('alice')
    wait(quick, 90)
    quick.bytes = 0
    wait(of('bob'), 80)
    expect(cut).toEqual([])
  })

  it('of a connection that is gone do not count', () => {
    const { cut, wait, waiting } = createBudget(100)
    const gone = of('alice')
    wait(gone, 90)
    waiting.forget(gone)
    wait(of('bob'), 80)
    expect(cut).toEqual([])
  })
})
