import type { Logger } from '@parley/platform/log.ts'
import type { Backplane } from '../backplane.ts'

/** A subscription that is there only while what is consumed can be handed on. */
export interface Consumption {
  /** Subscribes, or waits for the backplane to do it. @throws when subscribing fails now */
  start(): Promise<void>
  /** Ends it for good, and waits for the handlers under way. */
  stop(): Promise<void>
}

/**
 * Pausing is ending the subscription: the queue keeps what comes meanwhile, or gives it to other gateways.
 *
 * Guarantees: one change at a time, so that a backplane that comes and goes leaves neither two subscriptions
 * nor none; handlers under way are waited for before the next change; what cannot be resumed is tried again.
 * @param subscribe resolves to what ends the subscription
 * @param backplane always available without one
 * @param consuming is set to 1 while there is a subscription, else to 0
 */
export function createConsumption({
  subscribe,
  backplane,
  consuming,
  logger,
  retryMs = 1_000,
}: {
  subscribe: () => Promise<() => Promise<void>>
  backplane?: Pick<Backplane, 'available' | 'onChange'> | undefined
  consuming: { set(value: number): void }
  logger: Logger
  retryMs?: number
}): Consumption {
  let started = false
  let unsubscribe: (() => Promise<void>) | undefined
  let settling = false
  let settled: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined

  const wanted = (): boolean => started && (backplane?.available() ?? true)

  async function settle(): Promise<void> {
    settling = true
    try {
      while (wanted() !== (unsubscribe !== undefined)) {
        if (unsubscribe === undefined) {
          unsubscribe = await subscribe()
          consuming.set(1)
        } else {
          const end = unsubscribe
          unsubscribe = undefined
          consuming.set(0)
          await end()
        }
      }
    } finally {
      // In the same turn as the last look at what is wanted, so that no change falls in between.
      settling = false
    }
  }

  function follow(): Promise<void> {
    if (!settling) settled = settle()
    return settled
  }

  async function followSafely(): Promise<void> {
    clearTimeout(retry)
    try {
      await follow()
    } catch (error) {
      logger.error({ err: error }, 'consuming was not paused or resumed, is tried again')
      clearTimeout(retry)
      retry = setTimeout(() => void followSafely(), retryMs)
    }
  }

  backplane?.onChange((available) => {
    if (!started) return
    logger.info(available ? 'consuming again' : 'consuming is paused')
    void followSafely()
  })

  return {
    async start() {
      started = true
      await follow()
    },
    async stop() {
      started = false
      await followSafely()
      clearTimeout(retry)
    },
  }
}
