import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { emptyQueues } from '../chaos/empty-queues.ts'
import { verifyStack } from '../chaos/verify-stack.ts'
import { startStack } from '../stack/composed-stack.ts'
import type { HostileSubject } from './subject.ts'

const project = 'parley-hostile'
const services = ['nginx', 'auth', 'chat', 'realtime', 'mongo', 'rabbitmq', 'redis'] as const
const scale = { realtime: 2, chat: 2 } as const
const healthyWithinMs = 120_000

/** The composed stack with its memory limits, two gateways and two replicas of chat. */
export async function startStackSubject(): Promise<HostileSubject> {
  const stack = await startStack({
    project,
    scale,
    files: [join('tests', 'hostile', 'docker-compose.hostile.yml')],
  })
  const containers = async () => (await Promise.all(services.map((each) => stack.containers(each)))).flat()
  let known = new Map((await containers()).map(({ id, startedAt }) => [id, startedAt]))
  let peak: Record<string, number> = {}
  const closing = new AbortController()

  /** What an engine counts towards the limit: with what the kernel holds for sockets, without files that it caches. */
  async function look(): Promise<void> {
    const format = '{{.Name}} {{.MemUsage}}'
    const lines = await stack.docker('stats', '--no-stream', '--format', format, ...known.keys())
    for (const line of lines.split('\n')) {
      const [, name, amount, unit] = /^(\S+) ([\d.]+)([KMG]iB)/.exec(line) ?? []
      if (name === undefined) continue
      const megabytes = Math.round(Number(amount) * { KiB: 1 / 1_024, MiB: 1, GiB: 1_024 }[unit as 'MiB'])
      const short = name.replace(`${project}-`, '')
      peak[short] = Math.max(peak[short] ?? 0, megabytes)
    }
  }
  // One look after the other: each takes the engine two seconds.
  const looking = (async () => {
    while (!closing.signal.aborted) {
      await look().catch(() => undefined)
      await sleep(250)
    }
  })()

  return {
    ...stack,
    name: 'stack',
    peaks() {
      const peaks = peak
      peak = {}
      return peaks
    },
    async ended() {
      const now = await containers()
      const ended = now.filter(({ id, startedAt, running }) => known.get(id) !== startedAt || !running)
      known = new Map(now.map(({ id, startedAt }) => [id, startedAt]))
      return ended.map(
        ({ name, exitCode, restarts }) => `${name} ended with ${exitCode}, ${restarts} restarts`,
      )
    },
    async healthy() {
      for (const deadline = performance.now() + healthyWithinMs; ;) {
        const format = '{{.Service}} {{.State}} {{.Health}}'
        const lines = (await stack.compose('ps', '--all', '--format', format, ...services)).split('\n')
        const unwell = lines.filter((line) => line !== '' && !line.endsWith(' running healthy'))
        if (unwell.length === 0) return
        if (performance.now() > deadline) throw new Error(`not healthy again: ${unwell.join(', ')}`)
        await sleep(500)
      }
    },
    atRest: () => emptyQueues(stack),
    verify: () => verifyStack(stack),
    async down() {
      closing.abort()
      await looking
      await stack.down()
    },
  }
}
