import { ParleyClientError } from '../client-error.ts'
import { createManualTimers, settle } from '../testing/manual-timers.ts'
import { problemFor } from '../testing/protocol-server.ts'
import { createLimiter } from '../time/limiter.ts'
import { createDeliveredReceipts } from './delivered-receipts.ts'

function createWorld() {
  const timers = createManualTimers()
  const calls: { told: string; resolve: () => void; reject: (error: unknown) => void }[] = []
  const onRefused = jest.fn()
  const receipts = createDeliveredReceipts({
    advance: (id, delivered) =>
      new Promise<void>((resolve, reject) => {
        calls.push({ told: `${id}${delivered}`, resolve, reject })
      }),
    onRefused,
    limit: createLimiter(4),
    timers,
    backoff: () => 100,
  })
  return { receipts, calls, timers, onRefused, told: () => calls.map(({ told }) => told) }
}

describe('delivered receipts', () => {
  it('are told one at a time per conversation, the latest for all before it', async () => {
    const { receipts, calls, told } = createWorld()
    receipts.resume(new AbortController().signal)
    receipts.note('a', 1)
    for (const seq of [2, 3, 4]) receipts.note('a', seq)
    receipts.note('b', 9)
    expect(told()).toEqual(['a1', 'b9'])
    calls[0]?.resolve()
    await settle()
    expect(told()).toEqual(['a1', 'b9', 'a4'])
    calls[1]?.resolve()
    calls[2]?.resolve()
    await settle()
    expect(calls).toHaveLength(3)
  })

  it('are told again when that failed, with what is the latest then', async () => {
    const { receipts, calls, told, timers, onRefused } = createWorld()
    receipts.resume(new AbortController().signal)
    receipts.note('a', 1)
    calls[0]?.reject(new ParleyClientError('unavailable'))
    await settle()
    receipts.note('a', 2)
    timers.runNext()
    await settle()
    expect(told()).toEqual(['a1', 'a2'])

    calls[1]?.reject(new ParleyClientError(problemFor('conversation-not-found')))
    await settle()
    expect(onRefused).toHaveBeenCalledTimes(1)
    expect(calls).toHaveLength(2)
    expect(timers.pending).toBe(0)
  })

  it('wait while the client is offline', async () => {
    const { receipts, calls, told, timers } = createWorld()
    const offline = new AbortController()
    receipts.note('a', 1)
    receipts.resume(offline.signal)
    calls[0]?.reject(new ParleyClientError('unavailable'))
    await settle()
    offline.abort()
    await settle()
    receipts.note('a', 2)
    expect(timers.pending).toBe(0)
    expect(told()).toEqual(['a1'])

    receipts.resume(new AbortController().signal)
    expect(told()).toEqual(['a1', 'a2'])
  })
})
