// Runs a program of this repository: installs the packages when they are missing or out of date, then
// starts the program on the Node that comes with them. Plain JavaScript for whatever Node is here.
//
//   node scripts/run.mjs <program> [arguments …]
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bundledNode = join(root, 'node_modules/node/bin/node')
const oldestNode = [20, 20]

function fail(message) {
  console.error(`parley: ${message}`)
  process.exit(1)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  fail(`needs Node ${oldestNode.join('.')} or newer, but this is Node ${process.versions.node}.`)
}

/** npm writes its own lock file last, so it is older than ours when there is something to install. */
function isInstalled() {
  const installed = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  return statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
}

function install() {
  console.error('parley: installing packages (once; this can take a minute) …')
  // The npm that runs us knows where it is; output goes to stderr, since stdout may be read by a program.
  const npm = process.env.npm_execpath
  const [command, ...prefix] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
  const { status } = spawnSync(command, [...prefix, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (status !== 0) fail('the packages could not be installed; see the messages of npm above.')
}

if (!isInstalled()) install()

const node = existsSync(bundledNode) ? bundledNode : major >= 24 ? process.execPath : undefined
if (node === undefined) {
  fail('Node 24 is missing from node_modules: install without --ignore-scripts, or use Node 24 yourself.')
}

const [program, ...args] = process.argv.slice(2)
const child = spawn(node, [join(root, program), ...args], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => fail(`${node} cannot be started: ${error.message}`))
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
