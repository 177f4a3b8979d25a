import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const everyMs = { terminal: 250, elsewhere: 5_000 }

/**
 * Shows how far npm is: on a terminal in one line that counts, elsewhere in a line every five seconds. What
 * npm complains about is passed on. Returns how to end it.
 * @param log stderr of an npm with `--loglevel=http`
 */
export function showProgress(root, { withTools, log }) {
  const packages = packagesOf(root, withTools)
  const manifests = packages.filter(({ sure }) => sure).map(({ manifest }) => manifest)
  const names = new Set(packages.map(({ name }) => name)).size
  const started = performance.now()
  let lookedUp = 0

  const terminal = process.stderr.isTTY
  const clear = () => terminal && process.stderr.write('\r\u001b[K')
  createInterface(log).on('line', (line) => {
    // Tarballs are below `/-/`; what is not, is a list of versions.
    if (line.startsWith('npm http fetch GET 200') && !line.includes('/-/')) lookedUp += 1
    if (/^npm (http|info|notice|warn|verbose)/.test(line)) return
    clear()
    console.error(line)
  })

  const step = () => {
    const there = manifests.filter((file) => existsSync(file)).length
    if (there > 0 && there < manifests.length) return `unpacked ${there} of ${manifests.length}`
    if (there > 0) return isNodeFetched(root) ? 'making them ready' : 'fetching Node 24 (50 MB)'
    return lookedUp === 0 ? 'looking them up' : `looked up ${Math.min(lookedUp, names)} of ${names}`
  }
  const show = () => {
    const seconds = Math.round((performance.now() - started) / 1_000)
    const line = `parley: installing packages, once: ${step()} (${seconds} s) …`
    process.stderr.write(terminal ? `\r${line}\u001b[K` : `${line}\n`)
  }
  show()
  const timer = setInterval(show, terminal ? everyMs.terminal : everyMs.elsewhere)
  return () => {
    clearInterval(timer)
    clear()
  }
}

/** What npm will install; it is not sure of optional ones, because that depends on the machine. */
function packagesOf(root, withTools) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([path, { link, dev }]) => path.includes('node_modules/') && !link && (withTools || !dev))
    .map(([path, { optional, devOptional }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      manifest: join(root, path, 'package.json'),
      sure: !optional && !(devOptional && !withTools),
    }))
}

/** It comes last, by the install script of its package. */
const isNodeFetched = (root) =>
  !existsSync(join(root, 'node_modules/node')) || existsSync(join(root, 'node_modules/node/bin/node'))
