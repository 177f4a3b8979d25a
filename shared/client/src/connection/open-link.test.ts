import { createManualTimers, type ManualTimers } from '../testing/manual-timers.ts'
import { openLink, type Loss, type ParleySocket } from './open-link.ts'

/** A link on a socket that a test lets say things. */
function openOn(timers: ManualTimers) {
  const handlers = new Map<string, (value?: unknown) => void>()
  const losses: (Loss & { readonly at: number })[] = []
  const begunAt = timers.now()
  const none = (): void => undefined
  openLink({
    url: 'http://server',
    openSocket: () =>
      ({
        on: (event: string, handler: () => void) => void handlers.set(event, handler),
        off: () => handlers.clear(),
        disconnect: none,
      }) as unknown as ParleySocket,
    token: 'token',
    options: {},
    timers,
    connectTimeoutMs: 20_000,
    ackTimeoutMs: 10_000,
    onConnected: none,
    onLost: (loss) => losses.push({ ...loss, at: timers.now() - begunAt }),
    events: {
      'timeline:entry': none,
      'timeline:behind': none,
      'receipt:advanced': none,
      typing: none,
      presence: none,
      'session:ended': none,
    },
  })
  return { say: (event: string, value?: unknown) => handlers.get(event)?.(value), losses }
}

describe('a link to a gateway that drains', () => {
  it.each([
    [400, 400],
    [-5, 0],
    [0, 0],
    [NaN, 0],
    [1e15, 300_000],
  ])('leaves after %d ms as asked: after %d', (reconnectInMs, leavesAfter) => {
    const timers = createManualTimers()
    const { say, losses } = openOn(timers)
    say('connect')
    say('gateway:draining', { reconnectInMs })
    timers.runNext()
    expect(losses).toMatchObject([{ at: leavesAfter, reconnectInMs: 0 }])
    expect(timers.pending).toBe(0)
  })

  it('waits for the rest of that time when it is closed earlier, and for the latest of two', () => {
    const timers = createManualTimers()
    const { say, losses } = openOn(timers)
    say('connect')
    say('gateway:draining', { reconnectInMs: 900 })
    say('gateway:draining', { reconnectInMs: 5_000 })
    timers.after(3_000, () => say('disconnect', 'transport close'))
    timers.runNext()
    expect(losses).toMatchObject([{ at: 3_000, reconnectInMs: 2_000 }])
    expect(timers.pending).toBe(0)
  })
})

it('a link that does not open in time is lost', () => {
  const timers = createManualTimers()
  const { losses } = openOn(timers)
  timers.runNext()
  expect(losses).toMatchObject([{ at: 20_000, tokenRefused: false }])
})
