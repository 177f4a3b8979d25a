import type { ParleySocket } from '../connection/open-link.ts'
import type { Timers } from '../time/timers.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { Blocking } from './simulated-plan.ts'
import { hopMs, type Wire } from './simulated-wire.ts'

type Payload = Readonly<Record<string, string>>

/** The server's end of a socket. */
export interface Gateway {
  /** Tells the client something, which may be lost if it is an entry. */
  deliver(event: string, payload: unknown): void
  /** Breaks the connection; the client notices after so long. */
  end(noticedAfterMs: number): void
}

/**
 * Opens what a client takes for a socket of Socket.IO.
 * @param blocked what a proxy does with it
 * @param timers the network's; `own` are the client's
 * @param onEntry told about each entry that reaches the client
 * @param onOpen told when the handshake is done; `onClose` when the client let go of the socket
 */
export function openSimulatedSocket({
  wire,
  server,
  userId,
  token: firstToken,
  blocked,
  timers,
  own,
  onEntry,
  onOpen,
  onClose,
}: {
  wire: Wire
  server: SimulatedServer
  userId: string
  token: string
  blocked: Blocking | undefined
  timers: Timers
  own: Timers
  onEntry: (body: unknown) => void
  onOpen: (gateway: Gateway) => void
  onClose: (gateway: Gateway) => void
}): ParleySocket {
  const handlers = new Map<string, (value: unknown) => void>()
  const unanswered = new Set<() => void>()
  let token = firstToken
  let cancelExpiry: (() => void) | undefined
  let isClosed = false
  let isBroken = false

  const tell = (event: string, value?: unknown): void => handlers.get(event)?.(value)

  const gateway: Gateway = {
    deliver(event, payload) {
      const arrive = (): void => {
        if (isBroken || isClosed) return
        if (event === 'timeline:entry') onEntry({ entry: payload })
        tell(event, structuredClone(payload))
      }
      if (event === 'timeline:entry') wire.tell(arrive)
      else timers.after(hopMs, arrive)
    },
    end(noticedAfterMs) {
      isBroken = true
      cancelExpiry?.()
      timers.after(noticedAfterMs, () => {
        if (isClosed) return
        close()
        tell('disconnect', 'transport close')
      })
    },
  }

  function close(): void {
    if (isClosed) return
    isClosed = true
    socket.connected = false
    cancelExpiry?.()
    onClose(gateway)
    for (const fail of unanswered) fail()
  }

  function watchExpiry(at: number): void {
    cancelExpiry?.()
    cancelExpiry = timers.after(at - timers.now(), () => {
      gateway.deliver('session:ended', { reason: 'token-expired' })
      timers.after(hopMs * 2, () => gateway.end(0))
    })
  }

  function connect(): void {
    if (blocked === 'swallowed' || isClosed) return
    if (blocked === 'refused') {
      close()
      return tell('connect_error', new Error('refused'))
    }
    wire.ask(
      () => server.check(token),
      (answer) => {
        if (isClosed || socket.connected) return
        if (answer === 'cut' || answer.status >= 400) {
          close()
          const data = answer === 'cut' ? undefined : answer.body
          return tell('connect_error', Object.assign(new Error('refused'), { data }))
        }
        socket.connected = true
        watchExpiry(answer.body as number)
        onOpen(gateway)
        tell('connect')
      },
    )
  }

  function obey(command: string, payload: Payload): unknown {
    server.check(token)
    const { conversationId = 'direct', clientId = '', text = '' } = payload
    if (command === 'message:send')
      return { ok: true, entry: server.send(conversationId, userId, clientId, text) }
    if (command === 'session:refresh') {
      token = payload['token'] ?? ''
      watchExpiry(server.check(token))
    }
    return { ok: true, delivered: 0, read: 0 }
  }

  const socket = {
    connected: false,
    on: (event: string, handler: (value: unknown) => void) => void handlers.set(event, handler),
    off: () => handlers.clear(),
    disconnect: close,
    timeout: (ms: number) => ({
      emit(command: string, payload: Payload, onAck: (error: Error | null, answer?: unknown) => void) {
        const end = (error: Error | null, answer?: unknown): void => {
          if (!unanswered.delete(fail)) return
          cancel()
          onAck(error, answer)
        }
        const fail = (): void => end(new Error('no answer'))
        unanswered.add(fail)
        const cancel = own.after(ms, fail)
        if (isBroken) return
        wire.ask(
          () => obey(command, payload),
          (answer) => {
            if (isBroken || isClosed || answer === 'cut') return
            if (answer.status >= 400) return end(null, { ok: false, problem: answer.body })
            onEntry(answer.body)
            end(null, structuredClone(answer.body))
          },
        )
      },
    }),
  }
  timers.after(0, connect)
  return socket as unknown as ParleySocket
}
