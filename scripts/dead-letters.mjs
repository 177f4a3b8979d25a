// Messages that could not be delivered: with RABBITMQ_URL (or RABBITMQ_URL_FILE) on that broker, otherwise on
// the one of the running stack, from inside its chat container.
import { spawnSync } from 'node:child_process'

const cli = 'shared/platform/src/rabbitmq/dead-letters-cli.ts'
const args = process.argv.slice(2)
const here = process.env.RABBITMQ_URL ?? process.env.RABBITMQ_URL_FILE
const [command, ...first] =
  here === undefined
    ? ['docker', 'compose', 'exec', '--no-TTY', 'chat', 'node', cli]
    : [process.execPath, 'scripts/run.mjs', cli]
process.exitCode = spawnSync(command, [...first, ...args], { stdio: 'inherit' }).status ?? 1
