import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { showProgress } from './install-progress.mjs'

/**
 * Whether the packages that running needs are there, or with `tools` those of development as well. npm writes
 * its own lock file last, so it is older than ours when there is something to install.
 */
export function isInstalled(root, { tools }) {
  const installed = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  if (statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs) return false
  return !tools || hasTools(root)
}

function hasTools(root) {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.keys(devDependencies).every((name) => existsSync(join(root, 'node_modules', name)))
}

/**
 * Installs what the lock file says, and shows how far that got: what running needs, and the tools of development
 * if they are asked for or were there before. Resolves to whether it went well.
 */
export async function installPackages(root, { tools }) {
  const started = performance.now()
  const withTools = tools || hasTools(root)
  // What runs now may load something later, so nothing is taken away when only the tools are missing.
  const command = isInstalled(root, { tools: false }) ? ['install', '--no-save'] : ['ci']
  const scope = withTools ? '--include=dev' : '--omit=dev'
  const options = [scope, '--no-audit', '--no-fund', '--loglevel=http', '--no-progress']

  // The npm that runs us knows where it is.
  const npm = process.env.npm_execpath
  const [program, ...prefix] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
  const child = spawn(program, [...prefix, ...command, ...options], {
    cwd: root,
    // Its summary is not of interest; from its log we count what it fetches, and show its complaints.
    stdio: ['inherit', 'ignore', 'pipe'],
    shell: process.platform === 'win32' && program === 'npm',
  })
  const ended = once(child, 'close')
  const stop = showProgress(root, { withTools, log: child.stderr })
  const [status] = await ended.catch(() => [1])
  stop()
  if (status !== 0) return false
  removeHeaders(root)
  const seconds = Math.round((performance.now() - started) / 1_000)
  console.error(`parley: the packages are installed (${seconds} s).`)
  return true
}

/** A third of the package of Node is for compiling against it, and nothing here does. */
function removeHeaders(root) {
  const packages = join(root, 'node_modules/node/node_modules')
  if (!existsSync(packages)) return
  for (const name of readdirSync(packages).filter((each) => each.startsWith('node-'))) {
    rmSync(join(packages, name, 'include'), { recursive: true, force: true })
  }
}
