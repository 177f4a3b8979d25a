import type { Event } from '@parley/contracts/events.ts'

export const adapters = ['classic', 'sharded'] as const
export type Adapter = (typeof adapters)[number]

/** One socket of one user. */
export interface Place {
  readonly userId: string
  readonly url: string
}

/** What the processes are told, and, but for `deliver`, what they answer. */
export interface Orders {
  open: { order: { redisUrl: string; adapter: Adapter }; answer: { url: string } }
  deliver: { order: { event: Event }; answer: never }
  /** CPU that the process has used so far, in microseconds. */
  cpu: { order: object; answer: { microseconds: number } }
  connect: { order: { places: readonly Place[] }; answer: object }
  /** Messages that came to the clients so far. */
  count: { order: object; answer: { received: number } }
}
export type Order = { [D in keyof Orders]: { do: D } & Orders[D]['order'] }[keyof Orders]
