import type { SendDirectRequest, SendMessageCommand } from '@parley/contracts/messages.ts'
import type { Refused } from '@parley/contracts/socket.ts'
import { now } from './clock.ts'
import { createHttpCalls, type HttpCalls } from './http-calls.ts'
import { type LeanSocket, openLeanSocket } from './lean-socket.ts'
import type { Cast, Connected, Resynced, Via } from './protocol.ts'
import { resync } from './resync.ts'

/** The people whom this process plays, with their sockets and their requests. */
export interface Players {
  readonly cast: Cast
  readonly calls: HttpCalls
  /** Whether a person, by index, is played here. */
  plays(person: number): boolean
  /** Opens all sockets of all of them, so many at a time. */
  connect(atOnce: number): Promise<Connected>
  /** @param onAnswer gets nothing when the message was accepted, or why it was not */
  send(message: Outgoing, onAnswer: (refusal?: string) => void): void
  /** All of them connect and read what they missed, all at once. */
  resync(): Promise<Resynced>
  /** How many sockets were lost so far. */
  lost(): number
}

export interface Outgoing {
  readonly via: Via
  readonly from: number
  readonly to: number
  readonly text: string
}

const httpConnections = 100

/** @param onEvent gets each event frame that comes to a socket: whose, and which of that person's devices it is */
export function createPlayers({
  cast,
  index,
  processes,
  onEvent,
}: {
  cast: Cast
  index: number
  processes: number
  onEvent: (frame: string, person: number, device: number) => void
}): Players {
  const calls = createHttpCalls(cast.url, httpConnections)
  const sockets = new Map<number, LeanSocket[]>()
  const plays = (person: number): boolean => person % processes === index
  const own = Array.from(cast.people.keys()).filter(plays)
  let lost = 0

  const open = (person: number, device: number): Promise<LeanSocket> =>
    openLeanSocket({
      url: cast.socketUrls[person % cast.socketUrls.length] ?? cast.url,
      token: cast.people[person]!.token,
      onEvent: (frame) => onEvent(frame, person, device),
      onLost: () => {
        lost += 1
      },
    })

  return {
    cast,
    calls,
    plays,
    async connect(atOnce) {
      const attempts = own.flatMap((person) =>
        Array.from({ length: cast.devices[person]! }, (_, device) => async () => {
          const socket = await open(person, device)
          sockets.set(person, [...(sockets.get(person) ?? []), socket])
        }),
      )
      const { milliseconds, failed } = await timed(attempts, atOnce)
      return { sockets: milliseconds.length, failed, milliseconds }
    },
    send({ via, from, to, text }, onAnswer) {
      const sender = cast.people[from]!
      const receiver = cast.people[to]!.id
      const clientId = crypto.randomUUID()
      if (via === 'socket') {
        const command: SendMessageCommand = { to: receiver, clientId, text }
        sockets.get(from)![0]!.ask('message:send', command, (json) => onAnswer(refusalIn(json)))
        return
      }
      const body: SendDirectRequest = { sender: sender.id, receiver, messageDetails: { text }, clientId }
      calls.call({ method: 'POST', path: '/chat', token: sender.token, body }, (status) =>
        onAnswer(status === 201 ? undefined : String(status)),
      )
    },
    async resync() {
      let entries = 0
      const attempts = own.map((person) => async () => {
        await open(person, 0)
        const read = await resync(calls, cast.people[person]!.token)
        entries += read
      })
      const { milliseconds, failed } = await timed(attempts, attempts.length)
      return { complete: milliseconds.length, failed, entries, milliseconds }
    },
    lost: () => lost,
  }
}

/** The ack of a send that was accepted is not parsed any further. */
function refusalIn(json: string): string | undefined {
  if (json.startsWith('[{"ok":true')) return undefined
  const [{ problem }] = JSON.parse(json) as [Refused]
  return problem.code
}

/** Times what each does; a failure is counted, and the first one told. */
async function timed(attempts: readonly (() => Promise<void>)[], atOnce: number) {
  const waiting = [...attempts]
  const milliseconds: number[] = []
  let failed = 0
  async function someOfThem(): Promise<void> {
    for (let attempt = waiting.pop(); attempt !== undefined; attempt = waiting.pop()) {
      const began = now()
      try {
        await attempt()
        milliseconds.push(now() - began)
      } catch (error) {
        failed += 1
        if (failed === 1) process.stderr.write(`bench: a client failed: ${String(error)}\n`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, someOfThem))
  return { milliseconds, failed }
}
