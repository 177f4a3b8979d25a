import { z } from 'zod'
import { ConfigError, EXIT_CONFIG, readConfig } from '../config.ts'
import { rabbitMqUrl } from '../service-config.ts'
import { type Arguments, readArguments, usage, UsageError } from './dead-letters-arguments.ts'
import { toDetails, toTable } from './dead-letters-text.ts'
import { type DeadLetter, type DeadLetters, openDeadLetters } from './dead-letters.ts'
import { errorInWords } from '../log-errors/describe-error.ts'
import { OwnError } from '../own-error.ts'

// The command line of the dead letters; what it takes is in `dead-letters-arguments.ts`.

/** `EX_USAGE` of sysexits.h. */
const EXIT_USAGE = 64

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const complain = (text: string): void => void process.stderr.write(`dead-letters: ${text}\n`)

/** Resolves to the exit code. */
async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2))
  if (args === undefined) {
    process.stdout.write(usage)
    return 0
  }
  const { RABBITMQ_URL } = readConfig(z.object({ RABBITMQ_URL: rabbitMqUrl }), process.env)
  const letters = await openDeadLetters(RABBITMQ_URL).catch((cause: unknown) => {
    throw new OwnError(`RabbitMQ cannot be reached: ${errorInWords(cause)}`)
  })
  try {
    return await run(letters, args)
  } finally {
    await letters.close().catch(() => undefined)
  }
}

async function run(letters: DeadLetters, { command, id, queue, limit, json }: Arguments): Promise<number> {
  const choice = { id, queue }
  let found: readonly DeadLetter[]
  let stranded: readonly DeadLetter[] = []
  if (command === 'list') found = await letters.list(choice, limit)
  else if (command === 'show') found = await letters.list(choice, 1)
  else if (command === 'drop') found = await letters.drop(choice)
  else ({ replayed: found, stranded } = await letters.replay(choice))

  for (const letter of stranded) complain(`${letter.id} stays: there is no queue ${letter.queue}`)
  const nothing = found.length === 0 && stranded.length === 0
  if (nothing && id !== undefined) complain(`there is no dead letter ${id}`)

  if (json) print(JSON.stringify(command === 'show' ? (found[0] ?? null) : found, null, 2))
  else if (nothing && id === undefined) print('No dead letters.')
  else if (command === 'list') print(toTable(found))
  else if (command === 'show') found.forEach((letter) => print(toDetails(letter)))
  else {
    const done = command === 'replay' ? 'back in' : 'dropped, was of'
    for (const { id, queue } of found) print(`${id}  ${done} ${queue}`)
  }
  return stranded.length > 0 || (nothing && id !== undefined) ? 1 : 0
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    complain(error instanceof UsageError ? error.message : errorInWords(error))
    if (error instanceof UsageError) process.stderr.write(`\n${usage}`)
    process.exitCode =
      error instanceof UsageError ? EXIT_USAGE : error instanceof ConfigError ? EXIT_CONFIG : 1
  },
)
