import type { Plan } from './plan.ts'

/** Counts what comes to the sockets of receivers: each message once to each socket, and to nobody else. */
export interface Deliveries {
  /** @returns whether it is the first time that the message came to this socket of its receiver */
  take(index: number, person: number, device: number): boolean
  /** How many sockets a message is to come to. */
  expectedOf(index: number): number
  counts(): { delivered: number; doubled: number; astray: number }
}

/** @param devices how many sockets each person has */
export function createDeliveries(
  { sender, receiver }: Pick<Plan, 'sender' | 'receiver'>,
  devices: readonly number[],
): Deliveries {
  // One bit of news for each message and socket of its receiver, one behind the other.
  const firstOf = new Uint32Array(receiver.length + 1)
  for (const [index, person] of receiver.entries()) firstOf[index + 1] = firstOf[index]! + devices[person]!
  const came = new Uint8Array(firstOf.at(-1)!)
  let delivered = 0
  let doubled = 0
  let astray = 0

  return {
    take(index, person, device) {
      if (person === sender[index]) return false
      if (person !== receiver[index]) {
        astray += 1
        return false
      }
      const place = firstOf[index]! + device
      if (came[place] === 1) {
        doubled += 1
        return false
      }
      came[place] = 1
      delivered += 1
      return true
    },
    expectedOf: (index) => devices[receiver[index]!]!,
    counts: () => ({ delivered, doubled, astray }),
  }
}
