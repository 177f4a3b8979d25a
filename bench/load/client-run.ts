import { now } from './clock.ts'
import { createDeliveries } from './deliveries.ts'
import { createHistogram, encode, record } from './histogram.ts'
import { beginOnSchedule, type OnSchedule } from './on-schedule.ts'
import { arrivalTimes, createPlan } from './plan.ts'
import type { Players } from './players.ts'
import type { Asking, ClosedLoop, ClosedResult, Latencies, Sending, Tally } from './protocol.ts'
import { readStamp, stampedText } from './stamp.ts'

/** What this process does of a load, and what it has seen of it so far. */
export interface ClientRun {
  /** An event frame came to a socket. */
  receive(frame: string, person: number, device: number): void
  tally(): Omit<Tally, 'lost'>
  latencies(): Latencies
  stop(): void
}

/** What runs have in common: answers are counted, and everything is timed from when it was due. */
function createRecords() {
  const histograms = { delivery: createHistogram(), answer: createHistogram(), lateness: createHistogram() }
  const refused: Record<string, number> = {}
  let accepted = 0
  let expected = 0
  return {
    histograms,
    begun: (dueAt: number) => record(histograms.lateness, now() - dueAt),
    /** @param deliveries that this brings, when it was accepted */
    answered(dueAt: number, refusal: string | undefined, deliveries: number) {
      record(histograms.answer, now() - dueAt)
      if (refusal === undefined) {
        accepted += 1
        expected += deliveries
      } else refused[refusal] = (refused[refusal] ?? 0) + 1
    },
    tally: (schedule: OnSchedule | undefined) => ({
      due: schedule?.due() ?? 0,
      sent: schedule?.begun() ?? 0,
      accepted,
      refused,
      expected,
      done: schedule?.done() ?? true,
      keptUp: schedule?.keptUp() ?? true,
    }),
    latencies: (): Latencies => ({
      delivery: encode(histograms.delivery),
      answer: encode(histograms.answer),
      lateness: encode(histograms.lateness),
    }),
  }
}

/** Sends the messages of the plan whose senders are played here, and ticks off what comes to receivers here. */
export function beginSending(players: Players, sending: Sending): ClientRun {
  const { cast } = players
  const plan = createPlan(sending, cast.conversations)
  const deliveries = createDeliveries(plan, cast.devices)
  const records = createRecords()
  const { run, via, startAt } = sending
  const mine = Array.from(plan.sender.keys()).filter((index) => players.plays(plan.sender[index]!))
  const schedule =
    via === 'not'
      ? undefined
      : beginOnSchedule({
          at: plan.at,
          mine,
          startAt,
          begin(index, dueAt, onAnswered) {
            records.begun(dueAt)
            const message = {
              via,
              from: plan.sender[index]!,
              to: plan.receiver[index]!,
              text: stampedText(run, index),
            }
            players.send(message, (refusal) => {
              onAnswered()
              records.answered(dueAt, refusal, deliveries.expectedOf(index))
            })
          },
        })
  return {
    receive(frame, person, device) {
      const stamp = readStamp(frame)
      if (stamp === undefined || stamp.run !== run) return
      if (!deliveries.take(stamp.index, person, device)) return
      record(records.histograms.delivery, now() - startAt - plan.at[stamp.index]!)
    },
    tally: () => ({ ...records.tally(schedule), ...deliveries.counts() }),
    latencies: records.latencies,
    stop: () => schedule?.stop(),
  }
}

/** Makes requests that bring no deliveries. */
export function beginAsking(players: Players, { requests, startAt, ...arrivals }: Asking): ClientRun {
  const records = createRecords()
  const schedule = beginOnSchedule({
    at: arrivalTimes(arrivals),
    mine: Array.from({ length: arrivals.count }, (_, index) => index),
    startAt,
    begin(index, dueAt, onAnswered) {
      records.begun(dueAt)
      players.calls.call(requests[index % requests.length]!, (status) => {
        onAnswered()
        records.answered(dueAt, status >= 200 && status < 300 ? undefined : String(status), 0)
      })
    },
  })
  return {
    receive: () => undefined,
    tally: () => ({ ...records.tally(schedule), delivered: 0, doubled: 0, astray: 0 }),
    latencies: records.latencies,
    stop: () => schedule.stop(),
  }
}

/** Each sender sends its next message when the one before was answered, until the time is over. */
export async function sendClosed(
  players: Players,
  { run, senders, milliseconds }: ClosedLoop,
): Promise<ClosedResult> {
  const began = now()
  let [accepted, refused] = [0, 0]
  await Promise.all(
    senders
      .filter(({ from }) => players.plays(from))
      .map(async ({ from, to }) => {
        while (now() < began + milliseconds) {
          const message = { via: 'http', from, to, text: stampedText(run, 0) } as const
          const refusal = await new Promise<string | undefined>((resolve) => players.send(message, resolve))
          if (refusal === undefined) accepted += 1
          else refused += 1
        }
      }),
  )
  return { accepted, refused, seconds: (now() - began) / 1_000 }
}
