import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createPlan, type Plan } from './plan.ts'
import type { TrafficReport } from './run-traffic.ts'
import { runTrafficOnEmbedded } from './traffic-on-embedded.ts'
import { runTrafficOnStack } from './traffic-on-stack.ts'

const usage = `Real traffic: users in several processes talk, go offline, send twice; then every client's view is
compared with the database.

  npm run demo:traffic -- [options]

  --users <n>          default 50
  --conversations <n>  default 200
  --messages <n>       default 10000
  --processes <n>      default 5
  --seed <n>           default 1; the same seed gives the same plan
  --pace <ms>          default 0; pause between two messages of one person to another
  --kill <n>           kill -9 the embedded server so many times on the way (default 0), and start it again
  --stack              the composed stack instead of the embedded server (needs Docker), behind nginx
  --realtime <n>       default 3; gateways of the stack
  --chat <n>           default 2; chat replicas of the stack
  --outage <service:s> stop a service of the stack (redis, rabbitmq, mongo …) for so many seconds on the way
  --help
`

const count = z.coerce.number().int().min(1).max(1_000_000)
const options = z.object({
  users: count.min(2).default(50),
  conversations: count.default(200),
  messages: count.default(10_000),
  processes: count.max(50).default(5),
  seed: z.coerce.number().int().default(1),
  pace: z.coerce.number().int().min(0).max(60_000).default(0),
  kill: z.coerce.number().int().min(0).max(20).default(0),
  stack: z.boolean().default(false),
  realtime: count.max(20).default(3),
  chat: count.max(20).default(2),
  outage: z
    .string()
    .regex(/^[a-z]+:\d{1,3}$/, 'must be such as redis:75')
    .transform((text) => text.split(':') as [string, string])
    .transform(([service, seconds]) => ({ service, seconds: Number(seconds) }))
    .optional(),
})

async function main(): Promise<number> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    options: {
      users: text,
      conversations: text,
      messages: text,
      processes: text,
      seed: text,
      pace: text,
      kill: text,
      stack: flag,
      realtime: text,
      chat: text,
      outage: text,
      help: flag,
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const chosen = options.parse(values)
  const plan = createPlan(chosen)
  const report = await (chosen.stack ? playOnStack(plan, chosen) : playOnEmbedded(plan, chosen))

  const { counts, findings, pending } = report.traffic
  console.table({
    users: chosen.users,
    conversations: plan.pairs.length,
    'messages planned': plan.sends.length,
    'messages accepted': counts.accepted,
    'messages stored': counts.stored,
    'duplicate sends': report.traffic.duplicates,
    disconnects: report.traffic.disconnects,
    'seconds of sending': Number(report.traffic.seconds.toFixed(1)),
    'deliveries expected': counts.expected,
    'deliveries seen': counts.seen,
    LOST: counts.lost,
    DOUBLED: counts.doubled,
    'OUT OF ORDER': counts.outOfOrder,
    WRONG: counts.wrong,
    'EVENTS STILL PENDING': pending,
    ...report.more,
  })
  for (const finding of [...report.faults, ...findings].slice(0, 20)) console.log(finding)
  if (findings.length > 20) console.log(`… and ${findings.length - 20} more`)

  const complete = counts.accepted === plan.sends.length && counts.stored === plan.sends.length
  const clean = complete && findings.length === 0 && pending === 0 && report.faults.length === 0
  console.log(
    clean ? 'Nothing lost, nothing doubled, nothing out of order.' : 'A promise was broken: see above.',
  )
  return clean ? 0 : 1
}

type Chosen = z.output<typeof options>
interface Played {
  readonly traffic: TrafficReport & { readonly pending: number }
  /** Further lines of the table. */
  readonly more: Readonly<Record<string, number | string | null>>
  readonly faults: readonly string[]
}

let printedAt = 0
function onProgress(acked: number): void {
  if (performance.now() - printedAt < 1_000) return
  printedAt = performance.now()
  console.log(`  accepted ${acked} …`)
}

async function playOnEmbedded(plan: Plan, { kill, processes, seed, pace }: Chosen): Promise<Played> {
  const traffic = await runTrafficOnEmbedded({
    plan,
    processes,
    seed,
    paceMs: pace,
    killAt: Array.from({ length: kill }, (_, index) => (index + 1) / (kill + 1)),
    onProgress,
    onKill: (acked) => console.log(`  kill -9 after ${acked} accepted, and start again`),
  })
  const { kills, exitCode } = traffic
  return {
    traffic,
    more: { 'kill -9': kills, 'exit code after SIGTERM': exitCode },
    faults: exitCode === 0 ? [] : [`the server ended with ${exitCode}`],
  }
}

async function playOnStack(plan: Plan, { processes, seed, pace, ...chosen }: Chosen): Promise<Played> {
  console.log('  building and starting the stack …')
  const traffic = await runTrafficOnStack({
    plan,
    processes,
    seed,
    paceMs: pace,
    scale: { realtime: chosen.realtime, chat: chosen.chat },
    outage: chosen.outage,
    onProgress,
    onOutage: (what) => console.log(`  ${what}`),
  })
  const { shares, ended, unhandled, startSeconds } = traffic
  return {
    traffic,
    more: {
      'seconds to a healthy stack': Number(startSeconds.toFixed(1)),
      ...shares,
      'processes that ended': ended.length,
      'unhandled rejections': unhandled.length,
    },
    faults: [...ended.map((name) => `${name} ended on the way`), ...unhandled],
  }
}

process.exitCode = await main()
