import { parseArgs } from 'node:util'
import { z } from 'zod'

export const usage = `Measures what Parley costs: server CPU per delivered message, latency under load, memory, each beside yardsticks
that are measured in the same run. See bench/README.md.

  npm run bench -- <scenario …> [options]

  --list              what the scenarios are called and what they measure
  --mode <mode>       embedded (default) or stack, which needs Docker
  --rate <n>          messages or requests per second; each scenario has a default
  --duration <s>      seconds that count, of each run
  --runs <n>          how often everything is measured (default 5)
  --short             2 short runs: a look, not a measurement
  --clients <n>       processes that play clients (default 1; 2 for the stack)
  --gateways <n>      gateways of the stack (default 3)
  --chats <n>         chat processes of the stack (default 1)
  --less-idle         also shows the CPU without what the same processes use when nothing happens
  --profile           writes CPU profiles of the servers and sums them up; figures are then those of a profiled server
  --json              prints the result as JSON instead of tables
  --help
`

export const modes = ['embedded', 'stack'] as const
export type Mode = (typeof modes)[number]

const count = z.coerce.number().int().min(1)
const schema = z
  .strictObject({
    scenarios: z.array(z.string()),
    mode: z.enum(modes).default('embedded'),
    rate: z.coerce.number().positive().max(100_000).optional(),
    duration: z.coerce.number().positive().max(7_200).optional(),
    runs: count.max(100).optional(),
    short: z.boolean().default(false),
    clients: count.max(16).optional(),
    gateways: count.max(16).default(3),
    chats: count.max(8).default(1),
    'less-idle': z.boolean().default(false),
    profile: z.boolean().default(false),
    json: z.boolean().default(false),
    list: z.boolean().default(false),
    help: z.boolean().default(false),
  })
  .transform(({ 'less-idle': lessIdle, runs, clients, ...rest }) => ({
    ...rest,
    lessIdle,
    runs: runs ?? (rest.short ? 2 : 5),
    clients: clients ?? (rest.mode === 'stack' ? 2 : 1),
  }))
export type Options = z.output<typeof schema>

/** What was typed cannot be understood; the message says which part. */
export class UsageError extends Error {}

/**
 * Reads the command line.
 * @param known names of the scenarios
 * @throws UsageError
 */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const parsed = schema.safeParse(parse(args))
  if (!parsed.success) throw new UsageError(z.prettifyError(parsed.error))
  const { scenarios, list, help } = parsed.data
  if (list || help) return parsed.data
  if (scenarios.length === 0) throw new UsageError('name a scenario, or all of them: all')
  const unknown = scenarios.filter((name) => name !== 'all' && !known.includes(name))
  if (unknown.length > 0)
    throw new UsageError(`there is no scenario ${unknown.join(', ')}; there are ${known.join(', ')}`)
  return parsed.data
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        mode: text,
        rate: text,
        duration: text,
        runs: text,
        clients: text,
        gateways: text,
        chats: text,
        short: flag,
        'less-idle': flag,
        profile: flag,
        json: flag,
        list: flag,
        help: flag,
      },
    })
    return { ...values, scenarios: positionals }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
