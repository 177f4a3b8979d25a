import * as fc from 'fast-check'
import type { Fate } from './simulated-wire.ts'

/** What happens to whom; an app is named by its place. */
export type Step =
  | { readonly do: 'send'; readonly who: number; readonly to: 'room' | 'hall' | 'person' }
  | { readonly do: 'cut'; readonly who: number; readonly noticedAfterMs: number }
  | { readonly do: 'silence'; readonly who: number; readonly ms: number }
  | { readonly do: 'give-up' | 'disconnect' | 'connect' | 'restart-app'; readonly who: number }
  | { readonly do: 'restart-server'; readonly ms: number }
  | { readonly do: 'drain'; readonly ms: number }
  | { readonly do: 'expire-tokens' }

/** What a proxy does that knows no websockets. */
export type Blocking = 'refused' | 'swallowed'

/** All that happens in one run of the simulation, before the weather clears. */
export interface Plan {
  /** One app each: the first and the third are two devices of one user. */
  readonly from: readonly ('now' | 'beginning')[]
  /** How many messages were there before. */
  readonly history: number
  /** Each step with the time that passes before it. */
  readonly steps: readonly (readonly [pauseMs: number, step: Step])[]
  /** What becomes of the messages on the network, in the order in which they are sent; then all arrive. */
  readonly fates: readonly Fate[]
  /** Whose network lets no sockets through, to the end, and what it does with them. */
  readonly blocked: { readonly who: number; readonly how: Blocking } | undefined
}

const who = fc.nat({ max: 2 })
const ms = (...values: number[]) => fc.constantFrom(...values)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      who,
      to: fc.constantFrom('room' as const, 'hall' as const, 'person' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('cut' as const), who, noticedAfterMs: ms(0, 0, 45_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('silence' as const), who, ms: ms(1_000, 50_000) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'give-up' as const,
        'disconnect' as const,
        'connect' as const,
        'restart-app' as const,
      ),
      who,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('restart-server' as const), ms: ms(0, 1_000, 70_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('drain' as const), ms: ms(-5, 0, 400, 5_000, 1e15) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire-tokens' as const) }) },
)

const fate = fc.oneof(
  { weight: 10, arbitrary: fc.constant<Fate>('ok') },
  { weight: 4, arbitrary: fc.constantFrom<Fate>('slow', 'lost', 'answer-lost', 'twice') },
  { weight: 2, arbitrary: fc.constantFrom<Fate>('late', 'dripping', 'busy', 'garbled') },
  { weight: 1, arbitrary: fc.constant<Fate>('busy-for-ever') },
)

export const plans: fc.Arbitrary<Plan> = fc.record({
  from: fc.array(fc.constantFrom('now' as const, 'beginning' as const), { minLength: 1, maxLength: 3 }),
  history: fc.nat({ max: 4 }),
  steps: fc.array(fc.tuple(ms(0, 0, 5, 15, 60, 300, 2_500, 40_000), step), { maxLength: 30, size: 'max' }),
  fates: fc.array(fate, { maxLength: 80, size: 'max' }),
  blocked: fc.option(fc.record({ who, how: fc.constantFrom<Blocking>('refused', 'swallowed') }), {
    freq: 3,
    nil: undefined,
  }),
})
