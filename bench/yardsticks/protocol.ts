import type { Sending } from '../load/protocol.ts'
import type { EmitOrder } from '../systems/system.ts'

export interface FloorOrders {
  listen: { order: object; answer: { port: number } }
  emit: { order: { sending: Sending } & EmitOrder; answer: { deliveries: number } }
}

export interface BaselineOrders {
  /** @param publicKey PEM of the key that tokens are checked with */
  listen: { order: { publicKey: string }; answer: { port: number } }
  people: { order: { ids: readonly string[] }; answer: object }
}
