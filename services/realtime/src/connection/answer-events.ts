import { randomUUID } from 'node:crypto'
import { type Ack, clientEvents } from '@parley/contracts/socket.ts'
import type { Logger } from '@parley/platform/log.ts'
import { isOurFault, ParleyError, parseOrThrow, toProblem } from '@parley/platform/parley-error.ts'
import type { z } from 'zod'
import type { GatewayMetrics } from '../gateway-metrics.ts'
import type { ParleySocket } from './parley-socket.ts'
import { createTokenBucket, type TokenBucket } from '@parley/platform/limits/token-bucket.ts'

type ClientEvents = typeof clientEvents
type ClientEvent = keyof ClientEvents

/** What each client event does; what it resolves to is the ack, apart from `ok`. */
export type EventHandlers = {
  readonly [E in ClientEvent]: (
    socket: ParleySocket,
    payload: z.output<ClientEvents[E]['payload']>,
  ) => Promise<Omit<Extract<Ack<E>, { ok: true }>, 'ok'>>
}
type AnyHandler = (socket: ParleySocket, payload: unknown) => Promise<object>

/**
 * The one way from a client's event to its ack: rate cap, contract, handler, and any error as a problem.
 * Nothing that a client sends makes it throw; what the ack says about an unknown error is `internal` only.
 */
export interface EventAnswering {
  serve(socket: ParleySocket): void
  /** From now on events are refused with `unavailable`; resolves when those under way are answered. */
  drain(): Promise<void>
}

export function createEventAnswering({
  handlers,
  perSecond,
  burst,
  logger,
  metrics,
}: {
  handlers: EventHandlers
  perSecond: number
  burst: number
  logger: Logger
  metrics: GatewayMetrics
}): EventAnswering {
  const underWay = new Set<Promise<void>>()
  let draining = false

  async function handle(
    socket: ParleySocket,
    bucket: TokenBucket,
    event: unknown,
    payload: unknown,
  ): Promise<object> {
    const waitMs = bucket.take()
    if (waitMs > 0) throw new ParleyError('rate-limited', { retryAfterSeconds: Math.ceil(waitMs / 1_000) })
    if (draining) throw new ParleyError('unavailable', { detail: 'This gateway is going away.' })
    if (!isClientEvent(event)) {
      throw new ParleyError('validation-failed', { detail: 'There is no such event.' })
    }
    // Its bytes would be taken for keys, each of them named in the answer.
    if (ArrayBuffer.isView(payload)) {
      throw new ParleyError('validation-failed', { detail: 'The payload must be JSON, not binary.' })
    }
    const checked = parseOrThrow(clientEvents[event].payload, payload)
    // Sound, because the payload was checked by the schema of the same event.
    return await (handlers[event] as AnyHandler)(socket, checked)
  }

  async function answer(
    socket: ParleySocket,
    bucket: TokenBucket,
    event: unknown,
    args: readonly unknown[],
  ): Promise<void> {
    const last = args.at(-1)
    const ack = typeof last === 'function' ? (last as (answer: object) => void) : undefined
    try {
      const reply = await handle(socket, bucket, event, args[0])
      ack?.({ ok: true, ...reply })
    } catch (error) {
      const problem = toProblem(error, randomUUID())
      metrics.refusedEvents.inc({ code: problem.code })
      if (isOurFault(error)) {
        const { userId } = socket.data.caller
        logger.error({ err: error, correlationId: problem.correlationId, event, userId }, 'event failed')
      }
      if (ack !== undefined) ack({ ok: false, problem })
      else socket.emit('event:refused', { event: String(event).slice(0, 64), problem })
    }
  }

  return {
    serve(socket) {
      const bucket = createTokenBucket({ perSecond, burst })
      // Every event, so that unknown ones are counted and answered, too.
      socket.onAny((event: unknown, ...args: unknown[]) => {
        // Read from the same segment as what ended the socket.
        if (!socket.connected) return
        const answering = answer(socket, bucket, event, args)
        underWay.add(answering)
        void answering.finally(() => underWay.delete(answering))
      })
    },

    async drain() {
      draining = true
      await Promise.allSettled(underWay)
    },
  }
}

/** An own key only: `constructor` and the like are no events. */
const isClientEvent = (event: unknown): event is ClientEvent =>
  typeof event === 'string' && Object.hasOwn(clientEvents, event)
