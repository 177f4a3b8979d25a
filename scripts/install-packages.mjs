import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** npm writes its own lock file last, so it is older than ours when there is something to install. */
export function isInstalled(root) {
  const installed = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  return statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
}

/** Installs what the lock file says, and shows how far that got. Resolves to whether it went well. */
export async function installPackages(root) {
  const started = performance.now()
  // The npm that runs us knows where it is.
  const npm = process.env.npm_execpath
  const [command, ...prefix] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--no-progress']
  const child = spawn(command, [...prefix, 'ci', ...options], {
    cwd: root,
    // Its summary is not of interest, its complaints are.
    stdio: ['inherit', 'ignore', 2],
    shell: process.platform === 'win32' && command === 'npm',
  })
  const ended = once(child, 'exit')
  const stop = showProgress(root)
  const [status] = await ended.catch(() => [1])
  stop()
  if (status !== 0) return false
  const seconds = Math.round((performance.now() - started) / 1_000)
  console.error(`parley: the packages are installed (${seconds} s).`)
  return true
}

/** On a terminal one line that counts; elsewhere one line, once. Returns how to end it. */
function showProgress(root) {
  const text = 'parley: installing packages, once'
  if (!process.stderr.isTTY) {
    console.error(`${text} (this can take a minute) …`)
    return () => undefined
  }
  const manifests = manifestsOf(root)
  const started = performance.now()
  const show = () => {
    const there = manifests.filter((file) => existsSync(file)).length
    const counted = `${there} of ${manifests.length}`
    const step = there === 0 ? 'looking them up' : there < manifests.length ? counted : 'making them ready'
    const seconds = Math.round((performance.now() - started) / 1_000)
    process.stderr.write(`\r${text}: ${step} (${seconds} s) …\u001b[K`)
  }
  show()
  const timer = setInterval(show, 250)
  return () => {
    clearInterval(timer)
    process.stderr.write('\r\u001b[K')
  }
}

/** The manifests of the packages that npm surely installs; which of the optional ones depends on the machine. */
function manifestsOf(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([path, { link, optional }]) => path.includes('node_modules/') && !link && !optional)
    .map(([path]) => join(root, path, 'package.json'))
}
