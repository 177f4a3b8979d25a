import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Histogram } from 'hdr-histogram-js'
import { processCpu } from '../measure/proc.ts'
import { now } from './clock.ts'
import { merge } from './histogram.ts'
import type {
  Asking,
  Cast,
  ClosedLoop,
  ClosedResult,
  Connected,
  Orders,
  Resynced,
  Sending,
  Tally,
} from './protocol.ts'
import { startWorker, type Worker } from './worker.ts'

/** What became of a load once all of it has come, or nothing more comes. */
export interface LoadOutcome extends Omit<Tally, 'done' | 'due'> {
  readonly missing: number
  readonly latencies: Readonly<Record<'delivery' | 'answer' | 'lateness', Histogram>>
  /** How many messages were due but not yet with all their receivers, over the time of the run. */
  readonly backlog: readonly { readonly at: number; readonly waiting: number }[]
}

/** The clients of one system, in processes of their own. */
export interface Clients {
  connect(atOnce?: number): Promise<Connected>
  /** @param serverSends begins the same schedule in the server, where that is what sends */
  send(
    sending: Omit<Sending, 'startAt'>,
    serverSends?: (sending: Sending) => Promise<object>,
  ): Promise<LoadOutcome>
  ask(asking: Omit<Asking, 'startAt'>): Promise<LoadOutcome>
  sendClosed(closed: ClosedLoop): Promise<ClosedResult>
  resync(): Promise<Resynced>
  /** CPU of these processes so far, in microseconds. */
  cpu(): number
  readonly processes: number
  close(): Promise<void>
}

/** For every process to have its plan before the first message is due. */
const headStartMs = 250
const pollMs = 100
/** Without anything new for so long, nothing more is expected. */
const patienceMs = 5_000

export async function startClients(cast: Cast, processes: number): Promise<Clients> {
  const program = join(import.meta.dirname, 'client-process.ts')
  const workers = Array.from({ length: processes }, () => startWorker<Orders>(program))
  const everyone = <D extends keyof Orders>(what: D, order: Orders[D]['order']) =>
    Promise.all(workers.map((worker: Worker<Orders>) => worker.ask(what, order)))
  await Promise.all(workers.map((worker, index) => worker.ask('cast', { cast, index, processes })))
  const devicesOnAverage = cast.devices.reduce((sum, count) => sum + count, 0) / cast.devices.length

  const tally = async (): Promise<Tally> => (await everyone('tally', {})).reduce(addTallies)

  /** @param total deliveries that the server was told to make, where no client sends */
  async function finish(startAt: number, total?: number): Promise<LoadOutcome> {
    const backlog: { at: number; waiting: number }[] = []
    let lastNews = now()
    let before = -1
    for (;;) {
      await sleep(pollMs)
      const state = await tally()
      const expected = total ?? state.expected
      const unanswered = state.due - state.accepted - sumOf(state.refused)
      const undelivered = Math.max(0, expected - state.delivered) / devicesOnAverage
      backlog.push({ at: now() - startAt, waiting: unanswered + undelivered })
      const progress = state.delivered + state.accepted + state.sent
      if (progress !== before || now() < startAt) lastNews = now()
      before = progress
      const complete = state.done && state.delivered >= expected
      if (!complete && now() - lastNews < patienceMs) continue

      const encoded = await everyone('latencies', {})
      const merged = (which: 'delivery' | 'answer' | 'lateness') => merge(encoded.map((each) => each[which]))
      return {
        ...state,
        expected,
        missing: expected - state.delivered,
        backlog,
        latencies: {
          delivery: merged('delivery'),
          answer: merged('answer'),
          lateness: merged('lateness'),
        },
      }
    }
  }

  return {
    processes,
    async connect(atOnce = 50) {
      const parts = await everyone('connect', { atOnce: Math.ceil(atOnce / processes) })
      return {
        sockets: parts.reduce((sum, { sockets }) => sum + sockets, 0),
        failed: parts.reduce((sum, { failed }) => sum + failed, 0),
        milliseconds: parts.flatMap(({ milliseconds }) => milliseconds),
      }
    },
    async send(wanted, serverSends) {
      const sending = { ...wanted, startAt: now() + headStartMs }
      await everyone('send', { sending })
      const emitted = (await serverSends?.(sending)) as { deliveries: number } | undefined
      return finish(sending.startAt, emitted?.deliveries)
    },
    async ask(wanted) {
      const share = {
        ...wanted,
        ratePerSecond: wanted.ratePerSecond / processes,
        count: Math.ceil(wanted.count / processes),
        startAt: now() + headStartMs,
      }
      await Promise.all(
        workers.map((worker, index) =>
          worker.ask('ask', { asking: { ...share, seed: wanted.seed + index } }),
        ),
      )
      return finish(share.startAt)
    },
    async sendClosed(closed) {
      const parts = await everyone('send-closed', { closed })
      return {
        accepted: parts.reduce((sum, { accepted }) => sum + accepted, 0),
        refused: parts.reduce((sum, { refused }) => sum + refused, 0),
        seconds: Math.max(...parts.map(({ seconds }) => seconds)),
      }
    },
    async resync() {
      const parts = await everyone('resync', {})
      return {
        complete: parts.reduce((sum, { complete }) => sum + complete, 0),
        failed: parts.reduce((sum, { failed }) => sum + failed, 0),
        entries: parts.reduce((sum, { entries }) => sum + entries, 0),
        milliseconds: parts.flatMap(({ milliseconds }) => milliseconds),
      }
    },
    cpu: () => workers.reduce((sum, { pid }) => sum + processCpu(pid), 0),
    async close() {
      await Promise.all(workers.map((worker) => worker.end()))
    },
  }
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

function addTallies(one: Tally, other: Tally): Tally {
  const refused = { ...one.refused }
  for (const [why, count] of Object.entries(other.refused)) refused[why] = (refused[why] ?? 0) + count
  return {
    due: one.due + other.due,
    sent: one.sent + other.sent,
    accepted: one.accepted + other.accepted,
    refused,
    expected: one.expected + other.expected,
    delivered: one.delivered + other.delivered,
    doubled: one.doubled + other.doubled,
    astray: one.astray + other.astray,
    lost: one.lost + other.lost,
    done: one.done && other.done,
    keptUp: one.keptUp && other.keptUp,
  }
}
