import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { OpenSocket } from '../connection/open-link.ts'
import type { Timers } from '../time/timers.ts'
import type { Blocking } from './simulated-plan.ts'
import { createSimulatedFetch } from './simulated-fetch.ts'
import type { SimulatedServer } from './simulated-server.ts'
import { type Gateway, openSimulatedSocket } from './simulated-socket.ts'
import { createSimulatedWire, type Fate } from './simulated-wire.ts'

/** A gateway that drains closes what is still connected then. */
const drainWaitMs = 3_000

/** One device's way to the server. */
export interface Device {
  readonly fetch: typeof globalThis.fetch
  readonly openSocket: OpenSocket
  /** Cuts its socket; the client notices after so long. */
  cut(noticedAfterMs: number): void
  /** Its gateway loses all entries for it for so long, and nothing else shows that. */
  silence(ms: number): void
  /** Entries that reached it otherwise than by fetching a timeline. */
  readonly told: ReadonlySet<string>
  /** What is open now: sockets, and requests that were neither answered nor given up. */
  readonly open: number
}

export interface SimulatedNetwork {
  /**
   * @param own the client's timers
   * @param blocked what becomes of its sockets
   */
  device(userId: string, own: Timers, blocked: Blocking | undefined): Device
  restart(downMs: number): void
  drain(reconnectInMs: number): void
  /** From now on everything arrives. */
  heal(): void
  /** What clients did that they must not do. */
  readonly faults: readonly string[]
}

/** @param fates of the messages, in the order in which they are sent; all later ones arrive */
export function createSimulatedNetwork(
  server: SimulatedServer,
  timers: Timers,
  fates: readonly Fate[],
): SimulatedNetwork {
  const faults: string[] = []
  const wire = createSimulatedWire(timers, fates)
  /** Each with whether it hears of entries now. */
  const gateways = new Map<Gateway, () => boolean>()
  server.onEntry((entry) => {
    for (const [gateway, hears] of gateways) if (hears()) gateway.deliver('timeline:entry', entry)
  })

  function endAll(ended: Iterable<Gateway>, noticedAfterMs = 0): void {
    for (const gateway of ended) if (gateways.delete(gateway)) gateway.end(noticedAfterMs)
  }

  function device(userId: string, own: Timers, blocked: Blocking | undefined): Device {
    const told = new Set<string>()
    let current: Gateway | undefined
    let sockets = 0
    let silentUntil = 0

    function remember(body: unknown): void {
      const { entry, message } = body as { entry?: TimelineEntry; message?: TimelineEntry }
      const { conversationId, seq } = entry ?? message ?? {}
      if (seq !== undefined) told.add(`${conversationId}-${seq}`)
    }
    const http = createSimulatedFetch({
      wire,
      server,
      userId,
      timers,
      onAnswer: remember,
      onFault: (fault) => faults.push(fault),
    })

    return {
      fetch: http.fetch,
      openSocket(_, { auth }) {
        sockets += 1
        return openSimulatedSocket({
          wire,
          server,
          userId,
          token: (auth as { token: string }).token,
          blocked,
          timers,
          own,
          onEntry: remember,
          onOpen(gateway) {
            current = gateway
            gateways.set(gateway, () => timers.now() >= silentUntil)
          },
          onClose(gateway) {
            sockets -= 1
            gateways.delete(gateway)
          },
        })
      },
      cut(noticedAfterMs) {
        if (current !== undefined) endAll([current], noticedAfterMs)
      },
      silence(ms) {
        silentUntil = timers.now() + ms
      },
      told,
      get open() {
        return sockets + http.open
      },
    }
  }

  return {
    device,
    restart(downMs) {
      wire.restart(downMs)
      endAll([...gateways.keys()])
    },
    drain(reconnectInMs) {
      const draining = [...gateways.keys()]
      for (const gateway of draining) gateway.deliver('gateway:draining', { reconnectInMs })
      timers.after(drainWaitMs, () => endAll(draining))
    },
    heal: () => wire.heal(),
    faults,
  }
}
