import { parseArgs } from 'node:util'

export const usage = `Events that could not be handled.

  npm run dead-letters -- <command> [options]

  list                    the oldest ones, why and since when
  show <event id>         one of them, whole
  replay <event id>       puts it back into its queue, for a handler that can by now; or --all
  drop <event id>         removes it for good; or --all --yes

  --queue <name>          only those of this queue
  --limit <n>             how many to list (default 100)
  --json                  JSON instead of text
  --help                  print this

RABBITMQ_URL (or RABBITMQ_URL_FILE) says where the broker is. Without it the command runs in the chat
container of the stack in this folder. Exit codes: 0 done, 1 not done, 64 usage, 78 settings.
`

/** What was typed cannot be done; the message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

const commands = ['list', 'show', 'replay', 'drop'] as const
export type Command = (typeof commands)[number]

export interface Arguments {
  readonly command: Command
  readonly id: string | undefined
  readonly queue: string | undefined
  readonly limit: number
  readonly json: boolean
}

/** @throws UsageError @returns undefined when help was asked for */
export function readArguments(args: readonly string[]): Arguments | undefined {
  const { values, positionals } = parse(args)
  if (values.help) return undefined
  const [command, id, ...rest] = positionals
  if (!isCommand(command)) throw new UsageError('name a command: list, show, replay or drop')
  if (rest.length > 0) throw new UsageError(`that is too much: ${rest.join(' ')}`)
  if (command === 'list' && id !== undefined) throw new UsageError('list takes no event id; use show')
  if (command === 'show' && id === undefined) throw new UsageError('show needs an event id')
  if (command === 'replay' || command === 'drop') {
    if ((id === undefined) !== values.all) throw new UsageError(`${command} needs an event id, or --all`)
    if (command === 'drop' && values.all && !values.yes)
      throw new UsageError('drop --all removes them for good: add --yes')
  }
  const limit = Number(values.limit)
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number from 1 on')
  return { command, id, queue: values.queue, limit, json: values.json }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
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
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const isCommand = (text: string | undefined): text is Command => commands.some((command) => command === text)
