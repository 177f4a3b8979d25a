import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What `npm ci` makes of the package beside this file. */
const installed = join(__dirname, 'node_modules/.package-lock.json')

const isInstalled = (): boolean =>
  existsSync(installed) &&
  statSync(installed).mtimeMs >= statSync(join(__dirname, 'package-lock.json')).mtimeMs

/**
 * The tools are 200 MB that nothing else needs, so they are no part of the workspaces and come when this suite runs.
 * @returns false where they cannot be had, on a machine without a network; in CI that is an error
 */
export function installTools(): boolean {
  if (isInstalled()) return true
  const npm = process.env['npm_execpath']
  const [command, ...prefix] = npm?.endsWith('.js') === true ? [process.execPath, npm] : ['npm']
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress']
  const { status, stderr } = spawnSync(command, [...prefix, ...options], { cwd: __dirname, encoding: 'utf8' })
  if (status === 0) return true
  const reason = `The tools of tests/contract-tools could not be installed:\n${stderr}`
  if (process.env['CI'] !== undefined) throw new Error(reason)
  process.stderr.write(`${reason}So the documents are not held against them.\n`)
  return false
}

/** The file that a package runs as a command. */
export function commandOf(packageName: string, command: string): string {
  const folder = join(__dirname, 'node_modules', packageName)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>
  }
  return join(folder, typeof bin === 'string' ? bin : bin[command]!)
}
