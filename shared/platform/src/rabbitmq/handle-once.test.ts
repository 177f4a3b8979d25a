import type { Event } from '@parley/contracts/events.ts'
import { handleOnce } from './handle-once.ts'
import { testEvent } from './rabbitmq-test-parts.ts'

it('an event that was handled is not handled again', async () => {
  const seen: string[] = []
  const handle = handleOnce(({ id }) => void seen.push(id))
  const [one, other] = [testEvent(), testEvent()]
  expect([await handle(one), await handle(one), await handle(other)]).toEqual([true, false, true])
  expect(seen).toEqual([one.id, other.id])
})

it('an event that failed is handled again', async () => {
  let attempts = 0
  const handle = handleOnce(() => {
    attempts += 1
    if (attempts === 1) throw new Error('not now')
  })
  const event = testEvent()
  await expect(handle(event)).rejects.toThrow('not now')
  expect([await handle(event), await handle(event)]).toEqual([true, false])
})

it('a copy that comes while the first is under way waits for how that ends', async () => {
  const attempts: PromiseWithResolvers<void>[] = []
  const handle = handleOnce((_event: Event) => {
    const attempt = Promise.withResolvers<void>()
    attempts.push(attempt)
    return attempt.promise
  })
  const event = testEvent()
  const results = Promise.allSettled([handle(event), handle(event), handle(event)])
  await new Promise(setImmediate)
  expect(attempts).toHaveLength(1)
  attempts[0]!.reject(new Error('not now'))
  await new Promise(setImmediate)
  expect(attempts).toHaveLength(2)
  attempts[1]!.resolve()
  expect(await results).toMatchObject([
    { status: 'rejected' },
    { status: 'fulfilled', value: true },
    { status: 'fulfilled', value: false },
  ])
})
