import { parseArgs } from 'node:util'
import { z } from 'zod'
import { ConfigError, EXIT_CONFIG, readConfig } from '../config.ts'
import { rabbitMqUrl } from '../service-config.ts'
import { type DeadLetter, openDeadLetters } from './dead-letters.ts'

const usage = `Events that could not be handled.

  npm run dead-letters -- <command> [options]

  list                    the oldest ones, why and since when
  show <event id>         one of them, whole
  replay <event id>       puts it back into its queue, for a handler that can by now; or --all
  drop <event id>         removes it for good; or --all --yes

  --queue <name>          only those of this queue
  --limit <n>             how many to list (default 100)
  --json                  JSON instead of tables
  --help                  print this

RABBITMQ_URL (or RABBITMQ_URL_FILE) says where the broker is. Without it the command runs in the chat
container of the stack in this folder. Exit codes: 0 done, 1 not done, 64 usage, 78 settings.
`

/** `EX_USAGE` of sysexits.h. */
const EXIT_USAGE = 64

/** What was typed cannot be done; the message says why. */
class UsageError extends Error {}

const commands = ['list', 'show', 'replay', 'drop'] as const
type Command = (typeof commands)[number]

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        queue: { type: 'string' },
        limit: { type: 'string', default: '100' },
        all: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const [command, id, ...rest] = positionals
    if (values.help) return { ...values, command: undefined, id, limit: 0 }
    if (!commands.includes(command as Command))
      throw new UsageError('name a command: list, show, replay or drop')
    if (rest.length > 0) throw new UsageError(`there is one event id too many: ${rest.join(' ')}`)
    const limit = Number(values.limit)
    if (!Number.isInteger(limit) || limit < 1)
      throw new UsageError('--limit must be a whole number from 1 on')
    return { ...values, command: command as Command, id, limit }
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message)
  }
}

async function main(): Promise<number> {
  const { command, id, queue, limit, all, yes, json, help } = readArguments()
  if (help || command === undefined) {
    process.stdout.write(usage)
    return 0
  }
  if (command === 'list' && id !== undefined) throw new UsageError('list takes no event id; use show')
  if (command === 'show' && id === undefined) throw new UsageError('show needs an event id')
  if (command === 'replay' || command === 'drop') {
    if ((id === undefined) === !all) throw new UsageError(`${command} needs an event id, or --all`)
    if (command === 'drop' && all && !yes) throw new UsageError('drop --all removes them for good: add --yes')
  }

  const { RABBITMQ_URL } = readConfig(z.object({ RABBITMQ_URL: rabbitMqUrl }), process.env)
  const letters = await openDeadLetters(RABBITMQ_URL).catch((cause: unknown) => {
    throw new Error('RabbitMQ cannot be reached', { cause })
  })
  try {
    const choice = { id, queue }
    const found =
      command === 'list'
        ? await letters.list(choice, limit)
        : command === 'show'
          ? await letters.list(choice, 1)
          : await letters[command](choice)
    print(command, found, json)
    return found.length === 0 && id !== undefined ? 1 : 0
  } finally {
    await letters.close()
  }
}

function print(command: Command, found: readonly DeadLetter[], json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
  if (found.length === 0) return void process.stdout.write('No dead letters.\n')
  if (command === 'show') return void console.dir(found[0], { depth: null })
  if (command !== 'list') {
    const done = command === 'replay' ? 'back in its queue' : 'dropped'
    for (const { id, queue } of found) console.log(`${id}: ${done} (${queue})`)
    return
  }
  console.table(
    found.map(({ id, type, queue, reason, attempts, error, diedAt }) => ({
      id,
      type,
      queue,
      reason,
      attempts,
      diedAt,
      error: error.slice(0, 60),
    })),
  )
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: Error) => {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
    process.stderr.write(`dead-letters: ${error.message}${cause}\n`)
    if (error instanceof UsageError) process.stderr.write(`\n${usage}`)
    process.exitCode =
      error instanceof UsageError ? EXIT_USAGE : error instanceof ConfigError ? EXIT_CONFIG : 1
  },
)
