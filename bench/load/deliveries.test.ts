import { createDeliveries } from './deliveries.ts'

const plan = { sender: Uint32Array.of(0, 2), receiver: Uint32Array.of(1, 0) }
const devices = [1, 3, 1]

it('counts each message once for each socket of its receiver', () => {
  const deliveries = createDeliveries(plan, devices)
  expect([0, 1, 2].map((device) => deliveries.take(0, 1, device))).toEqual([true, true, true])
  expect(deliveries.take(1, 0, 0)).toBe(true)
  expect(deliveries.counts()).toEqual({ delivered: 4, doubled: 0, astray: 0 })
  expect([0, 1].map((index) => deliveries.expectedOf(index))).toEqual([3, 1])
})

it('tells what came twice, and what came to a stranger; the copy for the sender is neither', () => {
  const deliveries = createDeliveries(plan, devices)
  expect(deliveries.take(0, 1, 0)).toBe(true)
  expect(deliveries.take(0, 1, 0)).toBe(false)
  expect(deliveries.take(0, 2, 0)).toBe(false)
  expect(deliveries.take(0, 0, 0)).toBe(false)
  expect(deliveries.counts()).toEqual({ delivered: 1, doubled: 1, astray: 1 })
})
