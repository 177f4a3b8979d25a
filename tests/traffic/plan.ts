import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { createText } from './texts.ts'

export interface PlannedSend {
  /** Index of a user. */
  readonly sender: number
  readonly receiver: number
  readonly clientId: string
  readonly text: string
  /** Sent a second time, with the same clientId: while the first is under way, or after it was accepted. */
  readonly duplicate: 'none' | 'at-once' | 'afterwards'
}

export interface Plan {
  readonly users: number
  readonly pairs: readonly (readonly [number, number])[]
  readonly sends: readonly PlannedSend[]
}

/** Whole numbers from 0 to `limit`, exclusive, that follow from a seed. */
export function createRandom(seed: number): (limit: number) => number {
  const generator = xoroshiro128plus(seed)
  return (limit) => uniformInt(generator, 0, limit - 1)
}

/** Who says what to whom. The same numbers give the same plan. */
export function createPlan({
  seed,
  users,
  conversations,
  messages,
}: {
  seed: number
  users: number
  conversations: number
  messages: number
}): Plan {
  const most = (users * (users - 1)) / 2
  if (conversations > most) throw new Error(`${users} users have at most ${most} direct conversations`)
  const below = createRandom(seed)

  const pairs = new Map<string, readonly [number, number]>()
  while (pairs.size < conversations) {
    const [one, other] = [below(users), below(users)].toSorted((a, b) => a - b) as [number, number]
    if (one !== other) pairs.set(`${one}-${other}`, [one, other])
  }
  const list = [...pairs.values()]

  const sends = Array.from({ length: messages }, (_, index): PlannedSend => {
    const [one, other] = list[below(list.length)]!
    const [sender, receiver] = below(2) === 0 ? [one, other] : [other, one]
    const dice = below(10)
    return {
      sender,
      receiver,
      clientId: `traffic-${seed}-${index}`,
      text: createText(index, below),
      duplicate: dice === 0 ? 'at-once' : dice === 1 ? 'afterwards' : 'none',
    }
  })
  return { users, pairs: list, sends }
}
