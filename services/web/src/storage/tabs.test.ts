import { openTabs } from './tabs.ts'

/** The locks, which Node has too, and whether each question for one is still open. (Node goes on listing ended ones.) */
function watchLocks() {
  const signals: AbortSignal[] = []
  const locks = {
    request(name: string, ...rest: [LockOptions, () => unknown]) {
      const { signal } = rest[0]
      if (signal !== undefined) signals.push(signal)
      return navigator.locks.request(name, ...rest)
    },
  } as LockManager
  return { locks, open: () => signals.map(({ aborted }) => !aborted) }
}

describe('the tabs of a browser', () => {
  it('are waited for until they are gone', async () => {
    const [here, there] = [openTabs(navigator), openTabs(navigator)]
    const gone = here.whenGone(there.id)
    there.close()
    await gone
    here.close()
  })

  it('are waited for so long and no longer, and nobody asks for them after that', async () => {
    const { locks, open } = watchLocks()
    const [here, there] = [openTabs({ locks }, 5), openTabs(navigator)]
    const gone = Promise.all([here.whenGone(there.id), here.whenGone(there.id)])
    expect(open()).toEqual([true, true])
    await gone
    expect(open()).toEqual([false, false])
    here.close()
    there.close()
  })

  it('are not waited for by one that is closed', () => {
    const { locks, open } = watchLocks()
    const [here, there] = [openTabs({ locks }), openTabs(navigator)]
    void here.whenGone(there.id)
    here.close()
    expect(open()).toEqual([false])
    there.close()
  })
})
