import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { explainIssue } from './explain-issue.ts'
import { OwnError } from './own-error.ts'

/** `EX_CONFIG` of sysexits.h: the process cannot run as it is configured. */
export const EXIT_CONFIG = 78

/** The configuration has faults; the message lists all of them, one per line. */
export class ConfigError extends OwnError {
  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    )
    this.name = 'ConfigError'
  }
}

/**
 * Reads settings from the environment. `NAME_FILE` names a file that holds the value of `NAME`, for secrets.
 * @param schema an object schema whose keys are the names of environment variables
 * @throws ConfigError with every fault at once, before anything is opened
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const faults: string[] = []
  const values: Record<string, string> = {}
  /** Where values came from that were in a file. */
  const files: Record<string, string> = {}

  for (const name of Object.keys(schema.shape)) {
    const file = env[`${name}_FILE`]
    // An empty variable counts as unset, as Compose writes `${NAME:-}`.
    const direct = env[name] === '' ? undefined : env[name]
    if (file === undefined || file === '') {
      if (direct !== undefined) values[name] = direct
    } else if (direct !== undefined) {
      faults.push(`${name}: is set twice, as ${name} and as ${name}_FILE`)
    } else {
      try {
        values[name] = readFileSync(file, 'utf8').trim()
        files[name] = ` (${file})`
      } catch (error) {
        faults.push(`${name}_FILE: cannot be read: ${(error as Error).message}`)
      }
    }
  }

  // A file that says nothing was to say something: a disk was full when it was written.
  const empty = Object.keys(files).filter((name) => values[name] === '')
  faults.push(...empty.map((name) => `${name}: is empty${files[name]}`))

  const result = schema.safeParse(values, { error: explainIssue })
  if (!result.success) {
    for (const issue of result.error.issues) {
      const name = issue.path.map(String).join('.')
      const missing = issue.path.length > 0 && values[name] === undefined
      // A value whose file could not be read, or is empty, is already reported.
      if (missing && faults.some((fault) => fault.startsWith(`${name}_FILE:`))) continue
      if (empty.includes(name)) continue
      faults.push(`${name}: ${missing ? 'is missing' : issue.message}${files[name] ?? ''}`)
    }
  }
  if (faults.length > 0 || !result.success) throw new ConfigError(faults)
  return result.data
}
