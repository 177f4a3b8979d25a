// Messages that could not be delivered; with `list` on the stack also those that wait for another try, with RABBITMQ_URL (or RABBITMQ_URL_FILE) on that broker, otherwise on
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

if (here === undefined && args[0] === 'list') {
  // `messages` counts all; a letter whose queue was missing is neither ready nor unacknowledged for a while.
  const columns = ['name', 'messages', 'messages_ready']
  const list = ['rabbitmqctl', '--quiet', '--no-table-headers', 'list_queues', ...columns]
  const { stdout } = spawnSync('docker', ['compose', 'exec', '--no-TTY', 'rabbitmq', ...list], {
    encoding: 'utf8',
  })
  // `.retry.` is what the rooms of releases before were called.
  for (const line of (stdout ?? '').split('\n')) {
    const [name, messages, ready] = line.split('\t')
    if (!/\.(retry|wait)\.\d+ms$/.test(name) || messages === '0') continue
    const stalled = messages - ready
    const more = stalled > 0 ? `, ${stalled} of them for their queue` : ''
    process.stderr.write(`dead-letters: ${messages} in ${name} wait for another try${more}\n`)
  }
}
