import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createPlan } from '../traffic/plan.ts'
import { startChaosStack } from './chaos-stack.ts'
import { embeddedFaults } from './embedded-faults.ts'
import { startEmbeddedSubject } from './embedded-subject.ts'
import { type Fault, stackFaults } from './faults.ts'
import { faultRowsOf, figuresOf } from './report.ts'
import { startProcessSubject } from './process-subject.ts'
import { processFaults } from './restore-backup.ts'
import { type ChaosReport, runChaos } from './run-chaos.ts'
import { shuffle } from './schedule.ts'
import type { Subject } from './subject.ts'

const usage = `Chaos: clients talk over the composed stack (3 gateways, 2 chat, 1 auth), over the embedded Parley in a
container, and over one in a process of its own, while they are broken in every way, and afterwards what senders were told, what clients showed and what is
stored is compared. Needs Docker. Exits with 1 when a promise is broken.

  npm run test:chaos -- [options]

  --short             each fault once, briefly: in some eight minutes
  --fault <name,…>    these faults only, in this order
  --each              every fault alone, each with clients and messages of its own
  --list              what the faults are called
  --seed <n>          default 1; the same seed gives the same clients, messages and order of faults
  --clients <n>       default 100
  --conversations <n> default 60
  --messages <n>      default 10000; 3000 with --short; at most 1000 for each fault
  --seconds <n>       how long a pause, a cut, a slow network, a wrong clock, a full disk or the time between a backup and
                      its restore lasts; default 30, 5 with --short
  --json <file>       the report as JSON
  --keep              leaves the stack running afterwards
  --help
`

const faults = [...stackFaults, ...embeddedFaults, ...processFaults]
const count = z.coerce.number().int().min(1).max(1_000_000)
const options = z
  .object({
    short: z.boolean().default(false),
    each: z.boolean().default(false),
    list: z.boolean().default(false),
    keep: z.boolean().default(false),
    fault: z
      .string()
      .transform((names) => names.split(','))
      .pipe(z.array(z.enum(faults.map(({ name }) => name))))
      .optional(),
    seed: z.coerce.number().int().default(1),
    clients: count.min(2).default(100),
    conversations: count.default(60),
    messages: count.optional(),
    seconds: count.max(120).optional(),
    json: z.string().optional(),
    help: z.boolean().default(false),
  })
  .strict()
type Chosen = z.output<typeof options>

/** Rough, for spreading the messages over the time that the faults take. */
const extraSecondsOf: Readonly<Record<string, number>> = {
  'rolling-restart': 40,
  'scale-realtime': 30,
  'full-disk': 10,
  restore: 15,
  // Wrong twice, and right again.
  'clock-chat': 7,
  'clock-realtime': 7,
  'clock-auth': 7,
}
const secondsToHealth = 4

async function main(): Promise<number> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    options: {
      short: flag,
      each: flag,
      list: flag,
      keep: flag,
      fault: text,
      seed: text,
      clients: text,
      conversations: text,
      messages: text,
      seconds: text,
      json: text,
      help: flag,
    },
  })
  const { data: chosen, error } = options.safeParse(values)
  if (error !== undefined) {
    console.error(`${z.prettifyError(error)}\n\n${usage}`)
    return 2
  }
  if (chosen.help) return say(usage)
  if (chosen.list) return say(faults.map(({ name, what }) => `${name.padEnd(20)} ${what}`).join('\n'))

  const reports = [
    ...(await playAll('the stack', startChaosStack, stackFaults, chosen)),
    ...(await playAll('the embedded Parley', startEmbeddedSubject, embeddedFaults, chosen)),
    ...(await playAll(
      'the embedded Parley in a process',
      () => startProcessSubject(),
      processFaults,
      chosen,
    )),
  ]

  if (chosen.json !== undefined) {
    mkdirSync(dirname(chosen.json), { recursive: true })
    const summary = reports.map((report) => ({ ...figuresOf(report), ...report }))
    writeFileSync(chosen.json, JSON.stringify({ seed: chosen.seed, runs: summary }, undefined, 2))
  }
  if (chosen.each) {
    console.table(
      reports.map((report) => {
        const { acknowledged, LOST, UNEXPECTED, ...figures } = figuresOf(report)
        return {
          ...faultRowsOf(report)[0],
          acknowledged,
          LOST,
          UNEXPECTED,
          DUPLICATED: figures['DUPLICATED TO THE EYE'],
          'OUT OF ORDER': figures['OUT OF ORDER'],
          PENDING: figures['STILL PENDING'],
          MISSED: figures['MISSED BY A LIVE SOCKET'],
          HIDDEN: figures['HIDDEN'],
          resynced: report.analysis.resynced.count,
          redelivered: report.broker.redelivered,
        }
      }),
    )
  }
  const broken = reports.filter(({ findings }) => findings.length > 0)
  const again = `--seed ${chosen.seed}`
  console.log(
    broken.length === 0
      ? `Nothing lost, nothing unexpected, nothing shown twice, nothing out of order (${again}).`
      : `A promise was broken in ${broken.length} of ${reports.length} runs: see above (${again}).`,
  )
  return broken.length === 0 ? 0 : 1
}

function say(what: string): number {
  console.log(what)
  return 0
}

/** Plays those faults that are wanted, in one run or in one each. */
async function playAll<S extends Subject>(
  what: string,
  start: () => Promise<S>,
  own: readonly Fault<S>[],
  chosen: Chosen,
): Promise<ChaosReport[]> {
  const wanted = chosen.fault?.flatMap((name) => own.filter((fault) => fault.name === name))
  const ordered = wanted ?? shuffle(own, chosen.seed)
  const runs = chosen.each
    ? (wanted ?? own).map((fault) => [fault])
    : [ordered].filter(({ length }) => length > 0)
  if (runs.length === 0) return []

  console.log(`building and starting ${what} …`)
  const subject = await start()
  const reports: ChaosReport[] = []
  try {
    for (const faultsOfRun of runs) reports.push(await play(subject, faultsOfRun, chosen))
  } finally {
    await subject.saveLogs()
    if (!chosen.keep) await subject.down()
  }
  return reports
}

async function play<S extends Subject>(
  subject: S,
  faultsOfRun: readonly Fault<S>[],
  chosen: Chosen,
): Promise<ChaosReport> {
  const { short, each, seed, clients, conversations } = chosen
  const messages =
    chosen.messages ?? (each ? 1_000 : Math.min(short ? 3_000 : 10_000, 1_000 * faultsOfRun.length))
  const seconds = chosen.seconds ?? (short ? 5 : 30)
  const restMs = short ? 1_000 : 8_000
  const estimate = faultsOfRun.reduce(
    (sum, { name }) =>
      sum +
      secondsToHealth +
      (/^(pause|cut|slow|full|clock|restore)/.test(name) ? seconds : 2) +
      (extraSecondsOf[name] ?? 0),
    0,
  )
  const names = faultsOfRun.map(({ name }) => name).join(', ')
  console.log(`${clients} clients, ${messages} messages, ${names} …`)
  const report = await runChaos({
    subject,
    plan: createPlan({ seed, users: clients, conversations, messages }),
    faults: faultsOfRun,
    seed,
    seconds,
    restMs,
    // Rather too long than too short: after this only the last messages are left, for when all faults are over.
    overMs: estimate * 1_000 + faultsOfRun.length * restMs * 0.75,
    onProgress: (line) => console.log(`  ${line}`),
  })
  if (!each) console.table(faultRowsOf(report))
  if (!each) console.table(figuresOf(report))
  for (const finding of report.findings.slice(0, 20)) console.log(finding)
  if (report.findings.length > 20) console.log(`… and ${report.findings.length - 20} more`)
  return report
}

process.exitCode = await main()
