// Runs a program of this repository: installs the packages when they are missing or out of date, then
// starts the program on the Node that comes with them. Plain JavaScript for whatever Node is here.
//
//   node scripts/run.mjs [--tools] [--web] [<program> [arguments …]]
//
// With --tools those of development are installed too; without, only what running needs. With --web the web app
// is built before, when it is not built or older than its sources. Output of all this goes to stderr, since
// stdout may be read by a program.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildWebApp, isWebAppBuilt } from './build-web.mjs'
import { installPackages, isInstalled } from './install-packages.mjs'
import { findMisplacedOptions } from './misplaced-options.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bundledNode = join(root, 'node_modules/node/bin/node')
const oldestNode = [20, 20]

function fail(message, exitCode = 1) {
  console.error(`parley: ${message}`)
  process.exit(exitCode)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  fail(`needs Node ${oldestNode.join('.')} or newer, but this is Node ${process.versions.node}.`)
}

const args = process.argv.slice(2)
const take = (flag) => args[0] === flag && args.shift() === flag
const tools = take('--tools')
const withWebApp = take('--web')

// `EX_USAGE` of sysexits.h.
const misplaced = findMisplacedOptions(args.slice(1), process.env)
if (misplaced !== undefined) {
  fail(`npm kept ${misplaced.names} for itself; put two dashes before:\n\n  ${misplaced.command}\n`, 64)
}

if (!isInstalled(root, { tools }) && !(await installPackages(root, { tools }))) {
  fail('the packages could not be installed; see the messages of npm above.')
}

const node = existsSync(bundledNode) ? bundledNode : major >= 24 ? process.execPath : undefined
if (node === undefined) {
  fail('Node 24 is missing from node_modules: install without --ignore-scripts, or use Node 24 yourself.')
}

if (withWebApp && !isWebAppBuilt(root) && !(await buildWebApp(root, node))) {
  fail('the web app could not be built; see the messages above.')
}

const [program, ...rest] = args
if (program === undefined) process.exit(0)
const child = spawn(node, [join(root, program), ...rest], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => fail(`${node} cannot be started: ${error.message}`))
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
