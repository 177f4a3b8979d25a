// Loaded into a process that is measured, before its own program (node --import). SIGUSR2 begins a CPU profile, and
// the next one ends and writes it, so that neither the start nor the warm-up is in it. Plain JavaScript that imports
// nothing, since a container gets only this file.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { hostname } from 'node:os'

const { PROFILE_FOLDER: folder, PROFILE_NAME: name = 'node' } = process.env
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.setSamplingInterval', { interval: 500 })

let running = false
let written = 0

async function toggle() {
  running = !running
  if (running) {
    await session.post('Profiler.start')
    return
  }
  const { profile } = await session.post('Profiler.stop')
  written += 1
  writeFileSync(
    `${folder}/${name}-${hostname()}-${process.pid}-${written}.cpuprofile`,
    JSON.stringify(profile),
  )
}

process.on('SIGUSR2', () => {
  toggle().catch((error) => process.stderr.write(`no profile: ${error}\n`))
})
