import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { startEmbeddedSubject } from './embedded-subject.ts'
import { hostileKinds } from './kinds.ts'
import { figuresOf, phaseLinesOf, phaseRowsOf } from './report.ts'
import { type HostileReport, type Phase, runHostile } from './run-hostile.ts'
import { startStackSubject } from './stack-subject.ts'
import type { HostileSubject } from './subject.ts'

const usage = `Hostile clients beside honest ones, against a server of our own: the embedded Parley with a heap of 256 MB, and the
composed stack. Shows what honest people waited without and with them (p50 and p99, in one run), and the memory of every
process. Exits with 1 when a process died, a message was lost, shown twice or unexpected, or an honest login was
refused. How long people waited is shown and decides nothing: machines differ.

  npm run test:hostile -- [options]

  --short             each kind for some seconds, then all of them: in some two minutes each, too short for figures
  --kind <name,…>     these only; "mix" is all of them at once
  --minutes <n>       all of them at once, for so long
  --on <subjects>     embedded, stack, or both (the default)
  --seconds <n>       how long each kind stays; default 20, 4 with --short
  --list              what the kinds are called
  --seed <n>          default 1
  --json <file>       the reports as JSON
  --help
`

const mix = 'mix'
const names = hostileKinds.map(({ name }) => name)
const options = z
  .object({
    short: z.boolean().default(false),
    list: z.boolean().default(false),
    help: z.boolean().default(false),
    kind: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum([...names, mix])))
      .default([...names, mix]),
    minutes: z.coerce.number().min(0.1).max(14).optional(),
    on: z.enum(['embedded', 'stack', 'both']).default('both'),
    seconds: z.coerce.number().int().min(1).max(600).optional(),
    seed: z.coerce.number().int().default(1),
    json: z.string().optional(),
  })
  .strict()
type Chosen = z.output<typeof options>

async function main(): Promise<number> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    options: {
      short: flag,
      list: flag,
      help: flag,
      kind: text,
      minutes: text,
      on: text,
      seconds: text,
      seed: text,
      json: text,
    },
  })
  const { data: chosen, error } = options.safeParse(values)
  if (error !== undefined) {
    console.error(`${z.prettifyError(error)}\n\n${usage}`)
    return 2
  }
  if (chosen.help) return say(usage)
  if (chosen.list) return say(hostileKinds.map(({ name, what }) => `${name.padEnd(18)} ${what}`).join('\n'))

  const reports: HostileReport[] = []
  if (chosen.on !== 'stack') reports.push(await play(startEmbeddedSubject, chosen))
  if (chosen.on !== 'embedded') reports.push(await play(startStackSubject, chosen))
  if (chosen.json !== undefined) {
    mkdirSync(dirname(chosen.json), { recursive: true })
    writeFileSync(chosen.json, JSON.stringify(reports, undefined, 2))
  }
  const broken = reports.filter(({ findings }) => findings.length > 0)
  console.log(
    broken.length === 0
      ? 'Nobody died, nothing was lost, doubled or unexpected, nobody honest was locked out.'
      : `A promise was broken on: ${broken.map(({ subject }) => subject).join(', ')}.`,
  )
  return broken.length === 0 ? 0 : 1
}

function say(what: string): number {
  console.log(what)
  return 0
}

function phasesOf({ kind, minutes, seconds, short }: Chosen): Phase[] {
  if (minutes !== undefined) return [{ name: mix, kinds: names, seconds: minutes * 60 }]
  const each = seconds ?? (short ? 4 : 20)
  return kind.map((name) => ({ name, kinds: name === mix ? names : [name], seconds: each }))
}

async function play(start: () => Promise<HostileSubject>, chosen: Chosen): Promise<HostileReport> {
  const subject = await start()
  try {
    console.log(`${subject.name} …`)
    const report = await runHostile({
      subject,
      phases: phasesOf(chosen),
      calmSeconds: chosen.minutes !== undefined ? 30 : chosen.short ? 2 : 20,
      restSeconds: chosen.short ? 1 : 5,
      aroundSeconds: chosen.short ? 3 : 6,
      seed: chosen.seed,
      onProgress: (line) => console.log(`  ${line}`),
    })
    console.table(phaseRowsOf(report))
    for (const line of phaseLinesOf(report)) console.log(line)
    console.table(figuresOf(report))
    for (const finding of report.findings.slice(0, 20)) console.log(finding)
    if (report.findings.length > 20) console.log(`… and ${report.findings.length - 20} more`)
    return report
  } finally {
    await subject.saveLogs()
    await subject.down()
  }
}

process.exitCode = await main()
