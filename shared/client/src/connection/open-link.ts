import type {
  Ack,
  ClientToServerEvents,
  ServerEvent,
  ServerToClientEvents,
} from '@parley/contracts/socket.ts'
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client'
import { isTokenProblem, ParleyClientError, toClientError } from '../client-error.ts'
import { askedWaitMs } from '../time/backoff.ts'
import type { Timers } from '../time/timers.ts'

// Every command asks for an ack, so no refusal comes as an event.
type ServerEventName = Exclude<keyof ServerToClientEvents, 'gateway:draining' | 'event:refused'>
export type LinkEvents = { readonly [E in ServerEventName]: (payload: ServerEvent<E>) => void }
export type LinkOptions = Partial<ManagerOptions & SocketOptions>

type CommandName = keyof ClientToServerEvents
type Payload<E extends CommandName> = Parameters<ClientToServerEvents[E]>[0]
export type Accepted<E extends CommandName> = Extract<Ack<E>, { ok: true }>

/**
 * Sends a command and resolves to its positive ack.
 * @throws ParleyClientError with the server's problem, or `unavailable` when no ack came: the outcome is
 *   not known then
 */
export type Command = <E extends CommandName>(event: E, payload: Payload<E>) => Promise<Accepted<E>>

/** How a socket was lost. */
export interface Loss {
  readonly error: unknown
  /** Whether it takes a newer access token to come back. */
  readonly tokenRefused: boolean
  /** When the gateway, which is going away, wants its clients to come back. */
  readonly reconnectInMs?: number
}

export interface Link {
  readonly command: Command
  close(): void
}

export type ParleySocket = Socket<ServerToClientEvents, ClientToServerEvents>

/** Socket.IO's `io`, or what a test puts in its place. */
export type OpenSocket = (url: string, options: LinkOptions) => ParleySocket

/**
 * Opens one socket, for one connection: a lost one is never used again, so nothing of it lingers.
 * `onLost` follows once, sooner or later, unless `close` was called before.
 *
 * A command without an ack in time ends the link if nothing else came meanwhile: the path may have died without
 * a word, which the heartbeat would notice after 45 s. While something comes, it is only the server that is slow.
 */
export function openLink({
  url,
  openSocket,
  token,
  options,
  timers,
  connectTimeoutMs,
  ackTimeoutMs,
  onConnected,
  onLost,
  events,
}: {
  url: string
  openSocket: OpenSocket
  token: string
  options: LinkOptions
  timers: Timers
  connectTimeoutMs: number
  ackTimeoutMs: number
  onConnected: () => void
  onLost: (loss: Loss) => void
  events: LinkEvents
}): Link {
  const socket = openSocket(url, {
    ...options,
    transports: ['websocket'],
    auth: { token },
    forceNew: true,
    // Socket.IO gives up after some kinds of refusal; the connection's own loop knows which ones are final.
    reconnection: false,
  })
  let comeBackAt: number | undefined
  let cancelDrain: (() => void) | undefined
  const cancelTimeout = timers.after(connectTimeoutMs, () => lose())
  let closed = false
  /** How much came from the server. */
  let heard = 0

  function close(): void {
    closed = true
    cancelTimeout()
    cancelDrain?.()
    socket.off()
    socket.disconnect()
  }

  function lose(error = new ParleyClientError('unavailable')): void {
    if (closed) return
    close()
    onLost({
      error,
      tokenRefused: isTokenProblem(error),
      ...(comeBackAt === undefined ? {} : { reconnectInMs: Math.max(0, comeBackAt - timers.now()) }),
    })
  }

  socket.on('connect', () => {
    cancelTimeout()
    onConnected()
  })
  socket.on('connect_error', (error) => lose(toClientError('data' in error ? error.data : undefined, error)))
  socket.on('disconnect', (reason) => lose(new ParleyClientError('unavailable', { cause: reason })))

  const hear =
    <P>(handle: (payload: P) => void) =>
    (payload: P): void => {
      heard += 1
      handle(payload)
    }
  socket.on('timeline:entry', hear(events['timeline:entry']))
  socket.on('timeline:behind', hear(events['timeline:behind']))
  socket.on('receipt:advanced', hear(events['receipt:advanced']))
  socket.on('typing', hear(events.typing))
  socket.on('presence', hear(events.presence))
  socket.on('session:ended', hear(events['session:ended']))
  socket.on('gateway:draining', ({ reconnectInMs }) => {
    // Until then this socket still works, unless the gateway closes it earlier.
    const waitMs = askedWaitMs(reconnectInMs)
    comeBackAt = timers.now() + waitMs
    cancelDrain?.()
    cancelDrain = timers.after(waitMs, () => lose())
  })

  return {
    close,
    command(event, payload) {
      return new Promise((resolve, reject) => {
        if (!socket.connected) return reject(new ParleyClientError('unavailable'))
        const heardBefore = heard
        const onAnswer = (noAnswer: Error | null, answer?: Ack<typeof event>): void => {
          if (noAnswer !== null) {
            const error = new ParleyClientError('unavailable', { cause: noAnswer })
            if (heard === heardBefore) lose(error)
            return reject(error)
          }
          heard += 1
          if (answer?.ok) resolve(answer as Accepted<typeof event>)
          else reject(toClientError(answer?.problem))
        }
        // Socket.IO's types cannot follow an event that is generic.
        ;(socket.timeout(ackTimeoutMs) as unknown as Socket).emit(event, payload, onAnswer)
      })
    },
  }
}
