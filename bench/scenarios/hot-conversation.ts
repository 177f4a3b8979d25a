import type { Bench } from '../bench.ts'
import type { RunRecord } from '../report/result.ts'
import { marksOf } from '../measure/noise-meter.ts'
import { countCpu, withoutDatabase } from '../measure/server-cpu.ts'
import { startTalking, type Talking } from './one-to-one.ts'
import { durationOf, type Scenario } from './scenario.ts'

const senders = 100
type Way = { readonly from: number; readonly to: number }

/** Two people share one conversation; the others have one each with a partner. */
const pairs = Array.from({ length: senders + 1 }, (_, pair) => [2 * pair, 2 * pair + 1] as const)
const hot: Way[] = Array.from({ length: senders }, (_, sender) =>
  sender % 2 === 0 ? { from: 0, to: 1 } : { from: 1, to: 0 },
)
const spread: Way[] = pairs.slice(1).map(([from, to]) => ({ from, to }))

let runs = 1_000_000

async function sendAsFastAsAnswersCome(
  bench: Bench,
  { system, clients }: Talking,
  subject: string,
  run: number,
  ways: readonly Way[],
  seconds: number,
): Promise<RunRecord> {
  const ours = async (): Promise<number> =>
    clients.cpu() + (await system.cpu()).reduce((sum, { microseconds }) => sum + microseconds, 0)
  const { result, noise } = await bench.noise.around(ours, () =>
    countCpu(system, () =>
      clients.sendClosed({ run: (runs += 1), senders: ways, milliseconds: seconds * 1_000 }),
    ),
  )
  const { accepted, refused, seconds: took } = result.result
  bench.say(`run ${run} of ${bench.options.runs}, ${subject}: ${(accepted / took).toFixed(0)}/s`)
  return {
    subject,
    run,
    noise,
    figures: { perSecond: accepted / took, cpu: withoutDatabase(result.cpu) / accepted },
    marks: marksOf(noise),
    faults: refused > 0 ? [`${refused} were refused`] : [],
  }
}

const perSecond = (subject: string) => ({ subject, figure: 'perSecond' })

/**
 * A closed loop, since what is asked is how much goes through: a hundred senders by HTTP, each with its next message
 * once the one before was answered. Into one conversation (two members, fifty devices of each that send), and each
 * into a conversation of its own. Every member has one socket, so that the deliveries are the same in both.
 */
export const hotConversation: Scenario = {
  name: 'hot-conversation',
  what: 'sends per second of 100 senders into one conversation, beside the same spread over 100',
  modes: ['embedded', 'stack'],
  async measure(bench) {
    const seconds = durationOf(bench, { full: 8, short: 3 })
    const talking = await startTalking(bench, 'parley', await bench.openParley(), 'http', {
      devices: Array.from({ length: 2 * pairs.length }, () => 1),
      pairs,
    })
    const records: RunRecord[] = []
    for (let run = 1; run <= bench.options.runs; run += 1) {
      records.push(await sendAsFastAsAnswersCome(bench, talking, 'one conversation', run, hot, seconds))
      records.push(await sendAsFastAsAnswersCome(bench, talking, 'spread over 100', run, spread, seconds))
    }
    return {
      load: `${senders} senders by HTTP without a pause, ${seconds} s`,
      columns: [
        { figure: 'perSecond', title: 'sends/s', digits: 0 },
        { figure: 'cpu', title: 'CPU µs each', digits: 1 },
      ],
      runs: records,
      ratios: [
        {
          name: 'sends/s: one conversation ÷ spread over 100',
          over: perSecond('one conversation'),
          under: perSecond('spread over 100'),
          target: { atLeast: 0.7 },
        },
      ],
      notes: [],
    }
  },
}
