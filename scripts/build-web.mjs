// Builds the web app into services/web/dist:
//
//   node scripts/run.mjs scripts/build-web.mjs     (npm run build:web)
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the build reads. */
const sources = ['services/web', 'shared/client/src', 'shared/contracts/src', 'package-lock.json']

/** Whether there is a build that is newer than all that it was made of. */
export function isWebAppBuilt(root) {
  const index = join(root, 'services/web/dist/index.html')
  if (!existsSync(index)) return false
  const builtAt = statSync(index).mtimeMs
  return sources.every((source) => newestIn(join(root, source)) <= builtAt)
}

/** When a file, or one below a folder, last changed. A folder changes when a file in it is deleted. */
function newestIn(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  const below = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules')
  // A build makes its folder in this one.
  const own = existsSync(join(path, 'dist')) ? 0 : stats.mtimeMs
  return Math.max(own, ...below.map((name) => newestIn(join(path, name))))
}

/** Builds on a Node of one's choice. Resolves to whether it went well. */
export async function buildWebApp(root, node = process.execPath) {
  const started = performance.now()
  console.error('parley: building the web app (once, and after a change of its sources) …')
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const child = spawn(node, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'services/web'),
    stdio: ['ignore', 2, 2],
  })
  const [status] = await once(child, 'exit').catch(() => [1])
  if (status !== 0) return false
  console.error(`parley: the web app is built (${Math.round((performance.now() - started) / 100) / 10} s).`)
  return true
}

const file = fileURLToPath(import.meta.url)
if (process.argv[1] === file && !(await buildWebApp(join(dirname(file), '..')))) process.exit(1)
