import type { HostileKind } from './attack.ts'
import { endlessBodies } from './kinds/endless-bodies.ts'
import { flood } from './kinds/flood.ts'
import { guesses } from './kinds/guesses.ts'
import { pipeliner } from './kinds/pipeliner.ts'
import { presenceChurn } from './kinds/presence-churn.ts'
import { stalledSockets } from './kinds/stalled-sockets.ts'

/** In the order in which they are played. */
export const hostileKinds: readonly HostileKind[] = [
  pipeliner,
  endlessBodies,
  guesses,
  presenceChurn,
  flood,
  stalledSockets,
]
