import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createPlan } from './plan.ts'
import { runTrafficOnEmbedded } from './traffic-on-embedded.ts'

const usage = `Real traffic: users in several processes talk, go offline, send twice; then every client's view is
compared with the database.

  npm run demo:traffic -- [options]

  --users <n>          default 50
  --conversations <n>  default 200
  --messages <n>       default 10000
  --processes <n>      default 5
  --seed <n>           default 1; the same seed gives the same plan
  --kill <n>           kill -9 the server so many times on the way (default 0), and start it again
  --help
`

const count = z.coerce.number().int().min(1).max(1_000_000)
const options = z.object({
  users: count.min(2).default(50),
  conversations: count.default(200),
  messages: count.default(10_000),
  processes: count.max(50).default(5),
  seed: z.coerce.number().int().default(1),
  kill: z.coerce.number().int().min(0).max(20).default(0),
})

async function main(): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      users: text,
      conversations: text,
      messages: text,
      processes: text,
      seed: text,
      kill: text,
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const { kill, ...sizes } = options.parse(values)
  const plan = createPlan(sizes)
  const killAt = Array.from({ length: kill }, (_, index) => (index + 1) / (kill + 1))

  let printedAt = 0
  const report = await runTrafficOnEmbedded({
    plan,
    processes: sizes.processes,
    seed: sizes.seed,
    killAt,
    onProgress(acked) {
      if (performance.now() - printedAt < 1_000) return
      printedAt = performance.now()
      console.log(`  accepted ${acked} …`)
    },
    onKill: (acked) => console.log(`  kill -9 after ${acked} accepted, and start again`),
  })

  const { counts, findings, pending, exitCode } = report
  console.table({
    users: sizes.users,
    conversations: plan.pairs.length,
    'messages planned': plan.sends.length,
    'messages accepted': counts.accepted,
    'messages stored': counts.stored,
    'duplicate sends': report.duplicates,
    disconnects: report.disconnects,
    'kill -9': report.kills,
    'seconds of sending': Number(report.seconds.toFixed(1)),
    'deliveries expected': counts.expected,
    'deliveries seen': counts.seen,
    LOST: counts.lost,
    DOUBLED: counts.doubled,
    'OUT OF ORDER': counts.outOfOrder,
    WRONG: counts.wrong,
    'EVENTS STILL PENDING': pending,
    'exit code after SIGTERM': exitCode,
  })
  for (const finding of findings.slice(0, 20)) console.log(finding)
  if (findings.length > 20) console.log(`… and ${findings.length - 20} more`)

  const complete = counts.accepted === plan.sends.length && counts.stored === plan.sends.length
  const clean = complete && findings.length === 0 && pending === 0 && exitCode === 0
  console.log(
    clean ? 'Nothing lost, nothing doubled, nothing out of order.' : 'A promise was broken: see above.',
  )
  return clean ? 0 : 1
}

process.exitCode = await main()
