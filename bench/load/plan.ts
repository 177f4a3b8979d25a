import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export interface PlanParameters {
  readonly seed: number
  readonly ratePerSecond: number
  readonly count: number
  /** Which conversation is next: any, or each in its turn. */
  readonly pick: 'any' | 'in-turn'
  /** Who sends: either of the two, or always the first. */
  readonly direction: 'both' | 'forth'
}

/** What happens when, decided before it begins, so that nothing that is slow can put it off. */
export interface Plan {
  /** When each message is due, in milliseconds from the start. */
  readonly at: Float64Array
  /** Indexes of people. */
  readonly sender: Uint32Array
  readonly receiver: Uint32Array
}

const resolution = 1 << 30
/** The first numbers after a small seed are small, too. */
const skipped = 20

function generatorOf(seed: number) {
  const generator = xoroshiro128plus(seed)
  for (let count = 0; count < skipped; count += 1) uniformInt(generator, 0, 1)
  return generator
}

/**
 * Times of independent arrivals (a Poisson process): gaps are exponential, as those of many people are who do
 * not wait for each other. The same seed gives the same times.
 */
export function arrivalTimes({
  seed,
  ratePerSecond,
  count,
}: Pick<PlanParameters, 'seed' | 'ratePerSecond' | 'count'>): Float64Array {
  const generator = generatorOf(seed)
  const at = new Float64Array(count)
  let time = 0
  for (let index = 0; index < count; index += 1) {
    const share = (uniformInt(generator, 0, resolution - 1) + 0.5) / resolution
    time += (-Math.log(share) * 1_000) / ratePerSecond
    at[index] = time
  }
  return at
}

/** Messages within conversations, each between two people (by index). */
export function createPlan(
  parameters: PlanParameters,
  conversations: readonly (readonly [number, number])[],
): Plan {
  const { seed, count, pick, direction } = parameters
  const generator = generatorOf(seed + 1_000_003)
  const sender = new Uint32Array(count)
  const receiver = new Uint32Array(count)
  for (let index = 0; index < count; index += 1) {
    const which =
      pick === 'any' ? uniformInt(generator, 0, conversations.length - 1) : index % conversations.length
    const [one, other] = conversations[which]!
    const forth = direction === 'forth' || uniformInt(generator, 0, 1) === 0
    sender[index] = forth ? one : other
    receiver[index] = forth ? other : one
  }
  return { at: arrivalTimes(parameters), sender, receiver }
}

/** So many different pairs of so many people. The same seed gives the same pairs. */
export function choosePairs(seed: number, people: number, pairs: number): [number, number][] {
  const generator = generatorOf(seed)
  const chosen = new Map<string, [number, number]>()
  if (pairs > (people * (people - 1)) / 2) throw new Error(`${people} people have no ${pairs} pairs`)
  while (chosen.size < pairs) {
    const one = uniformInt(generator, 0, people - 1)
    const other = uniformInt(generator, 0, people - 1)
    if (one < other) chosen.set(`${one}-${other}`, [one, other])
  }
  return [...chosen.values()]
}
