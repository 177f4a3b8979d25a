import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { User } from '@parley/contracts/users.ts'
import { assembleClient } from '../assemble-client.ts'
import { type ClientErrorCode, ParleyClientError } from '../client-error.ts'
import type { SavedPositions } from '../options.ts'
import type { ParleyClient } from '../parley-client.ts'
import type { OutgoingMessage } from '../sending/sender.ts'
import type { UnsentMessage } from '../sending/unsent.ts'
import { type SavedSession, toSavedSession } from '../session/saved-session.ts'
import type { Resync } from '../timeline/resync.ts'
import type { Blocking } from './simulated-plan.ts'
import type { Device, SimulatedNetwork } from './simulated-network.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { OwnTimers, VirtualClock } from './virtual-clock.ts'

export interface Sent {
  readonly lane: string
  readonly text: string
  readonly clientId: string
  givenUp: boolean
  accepted: TimelineEntry | undefined
}

/** An app on one device: stores what a client tells it to store, and goes on with that when it is restarted. */
export interface SimulatedApp {
  readonly from: 'now' | 'beginning'
  readonly client: ParleyClient
  /** What its network does with sockets. */
  readonly blocked: Blocking | undefined
  readonly device: Device
  readonly shown: readonly TimelineEntry[]
  readonly sent: readonly Sent[]
  readonly resyncs: readonly Resync[]
  readonly restarts: number
  /** The head of each conversation, as it was shown when the client was live for the first time. */
  readonly firstLive: Readonly<Record<string, number>> | undefined
  readonly faults: readonly string[]
  connect(): void
  send(message: OutgoingMessage, clientId: string): void
  /** Gives up the newest message that is not accepted yet. */
  giveUp(): void
  restart(): Promise<void>
  /** Ends the app, and looks whether its client left anything behind. */
  end(): Promise<void>
}

/** Less than a plan may send. */
const maxUnsent = 4

export function createSimulatedApp({
  server,
  network,
  clock,
  user,
  from,
  blocked,
  random,
}: {
  server: SimulatedServer
  network: SimulatedNetwork
  clock: VirtualClock
  user: User
  from: 'now' | 'beginning'
  blocked: Blocking | undefined
  random: number
}): SimulatedApp {
  const shown: TimelineEntry[] = []
  const sent: Sent[] = []
  const resyncs: Resync[] = []
  const faults: string[] = []
  const givingUp = new Map<Sent, AbortController>()
  let restarts = 0
  let firstLive: Record<string, number> | undefined
  let positions: SavedPositions | undefined
  let session: SavedSession | undefined = toSavedSession(user, server.logIn(), clock.now())
  let timers: OwnTimers
  let device: Device
  let client: ParleyClient
  start()

  function start(): void {
    timers = clock.timers()
    device = network.device(user.id, timers, blocked)
    client = assembleClient(
      {
        url: 'http://server',
        from: positions ?? from,
        maxUnsent,
        fetch: device.fetch,
        timers,
        random: () => random,
      },
      device.openSocket,
    )
    client.on('entry', (entry) => shown.push(entry))
    client.on('session', (next) => (session = next))
    client.on('unsent', (list) => {
      if (list.length > maxUnsent) faults.push(`${list.length} are unsent`)
    })
    client.on('resync', (resync) => {
      resyncs.push(resync)
      if (resync.cause === 'poll') noteFirstLive(client)
    })
    watchLive(client)
    if (session === undefined) throw new Error('the session ended')
    client.resume(session)
    connect()
  }

  function connect(): void {
    client.connect().catch(() => undefined)
  }

  /** Live means that all is shown that heads knew of when the connection began. */
  function watchLive(one: ParleyClient): void {
    let connectedAt = 0
    one.on('state', (state) => {
      if (state === 'catching-up') connectedAt = clock.now()
      if (state !== 'live') return
      for (const id of server.conversations.keys()) {
        const head = server.visibleHead(id, connectedAt)
        if (one.position(id) < head) faults.push(`live, but ${id} is at ${one.position(id)} of ${head}`)
      }
      noteFirstLive(one)
    })
  }

  /** Without a socket, a comparison is as good. */
  function noteFirstLive(one: ParleyClient): void {
    firstLive ??= Object.fromEntries([...server.conversations.keys()].map((id) => [id, one.position(id)]))
  }

  async function hand(message: OutgoingMessage | UnsentMessage, one: Sent): Promise<void> {
    const giveUp = new AbortController()
    givingUp.set(one, giveUp)
    try {
      one.accepted = await client.send(message, { signal: giveUp.signal })
    } catch (error) {
      if (hasCode(error, 'closed') || one.givenUp) return
      // It was not taken at all.
      if (hasCode(error, 'queue-full')) return void sent.splice(sent.indexOf(one), 1)
      faults.push(`${one.text}: ${String(error)}`)
    } finally {
      givingUp.delete(one)
    }
  }

  async function end(): Promise<void> {
    client.close()
    await clock.pass(0)
    if (timers.pending > 0) faults.push(`${timers.pending} timers are left`)
    if (device.open > 0) faults.push(`${device.open} sockets or requests are left`)
  }

  return {
    from,
    blocked,
    get client() {
      return client
    },
    get device() {
      return device
    },
    shown,
    sent,
    resyncs,
    get restarts() {
      return restarts
    },
    get firstLive() {
      return firstLive
    },
    faults,
    connect,
    send(message, clientId) {
      const lane = message.conversationId ?? 'direct'
      const one: Sent = { lane, text: message.text, clientId, givenUp: false, accepted: undefined }
      sent.push(one)
      void hand({ ...message, clientId }, one)
    },
    giveUp() {
      const one = [...givingUp.keys()].at(-1)
      if (one === undefined) return
      one.givenUp = true
      givingUp.get(one)?.abort(new Error('given up'))
    },
    async restart() {
      restarts += 1
      await end()
      positions = copy(client.positions())
      const unsent = copy(client.unsent())
      start()
      for (const message of unsent) {
        const one = sent.find(({ clientId }) => clientId === message.clientId)
        if (one !== undefined) void hand(message, one)
      }
    },
    end,
  }
}

const hasCode = (error: unknown, code: ClientErrorCode): boolean =>
  error instanceof ParleyClientError && error.code === code

const copy = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T))
