// The bench: what Parley costs, beside yardsticks measured in the same run. See bench/README.md.
import { createBench } from './bench.ts'
import { type Options, readOptions, usage, UsageError } from './options.ts'
import { summarizeProfiles } from './profile/profile-summary.ts'
import { describeMachine } from './report/machine.ts'
import type { ScenarioResult } from './report/result.ts'
import { resultText } from './report/table.ts'
import { toJson, writeResults } from './report/write-results.ts'
import { scenarios } from './scenarios/all.ts'
import type { Scenario } from './scenarios/scenario.ts'

/** `EX_USAGE` of sysexits.h. */
const EXIT_USAGE = 64

const print = (text: string): void => void process.stdout.write(`${text}\n`)

async function measure(scenario: Scenario, options: Options): Promise<ScenarioResult> {
  const bench = createBench(options, scenario)
  const interrupted = Promise.withResolvers<never>()
  const onSignal = (): void => interrupted.reject(new Error('interrupted'))
  // For as long as it closes, too: a stack must not be left behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  try {
    const result = await Promise.race([scenario.measure(bench), interrupted.promise])
    return { scenario: scenario.name, mode: options.mode, ...result }
  } finally {
    bench.say('closing')
    await bench.close()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
    if (bench.profiles !== undefined) {
      const summary = summarizeProfiles(bench.profiles)
      if (options.json) bench.say(summary)
      else print(summary)
    }
  }
}

async function main(): Promise<number> {
  const options = readOptions(
    process.argv.slice(2),
    scenarios.map(({ name }) => name),
  )
  if (options.help) {
    print(usage)
    return 0
  }
  if (options.list) {
    print(
      scenarios.map(({ name, what, modes }) => `${name.padEnd(20)} ${what} (${modes.join(', ')})`).join('\n'),
    )
    return 0
  }

  const wanted = scenarios.filter(
    ({ name, modes }) =>
      options.scenarios.includes(name) || (options.scenarios.includes('all') && modes.includes(options.mode)),
  )
  for (const { name, modes } of wanted) {
    if (!modes.includes(options.mode))
      throw new UsageError(`${name} is measured in mode ${modes.join(' or ')} only`)
  }
  const results: ScenarioResult[] = []
  for (const scenario of wanted) {
    const result = await measure(scenario, options)
    results.push(result)
    if (!options.json) print(`\n${resultText(result)}\n`)
  }
  const invocation = { at: new Date().toISOString(), options, machine: describeMachine(), results }
  const file = writeResults(invocation)
  if (options.json) print(toJson(invocation))
  else print(`written to ${file}`)
  return results.some(({ runs }) => runs.some(({ faults }) => faults.length > 0)) ? 1 : 0
}

main().then(
  // Explicitly, since a server that does not end must not keep the bench.
  (code) => process.exit(code),
  (error: unknown) => {
    const isUsage = error instanceof UsageError
    process.stderr.write(
      isUsage ? `bench: ${error.message}\n\n${usage}` : `bench: ${String((error as Error).stack)}\n`,
    )
    process.exit(isUsage ? EXIT_USAGE : 1)
  },
)
