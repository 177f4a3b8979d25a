import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { type ComposedStack, startStack } from '../stack/composed-stack.ts'
import { emptyQueues } from './empty-queues.ts'
import type { Rule } from './links/link.ts'
import type { Subject } from './subject.ts'
import { verifyStack } from './verify-stack.ts'

/** The composed stack, with a network that can be made bad. */
export interface ChaosStack extends ComposedStack, Subject {
  /** Makes a link bad, from now on. */
  setLink(link: 'edge' | 'mongo' | 'rabbitmq' | 'redis', rule: Rule): Promise<void>
  /** All links are well again. */
  mendLinks(): Promise<void>
  /** Starts or ends containers of the services until there are so many, and waits until they are healthy. */
  scale(counts: Readonly<Record<string, number>>): Promise<void>
  /** The address that a container has on the links. */
  linkAddressOf(containerId: string): Promise<string>
}

const project = 'parley-chaos'
const healthyWithinMs = 120_000
/** Of how many replicas the stack is made. */
export const replicas = { realtime: 3, chat: 2, auth: 1 } as const

export async function startChaosStack(): Promise<ChaosStack> {
  const stack = await startStack({
    project,
    scale: replicas,
    files: [join('tests', 'chaos', 'docker-compose.chaos.yml')],
  })
  const orders = `http://${await stack.addressOf('links', 8_000)}`

  async function order(method: 'PUT' | 'DELETE', path: string, rule?: Rule): Promise<void> {
    const { status } = await fetch(`${orders}/${path}`, {
      method,
      body: rule === undefined ? null : JSON.stringify(rule),
    })
    if (status !== 204) throw new Error(`the links answered ${status} to ${method} ${path}`)
  }

  return {
    ...stack,
    url: `http://${await stack.addressOf('links', 8_080)}`,
    setLink: (link, rule) => order('PUT', link, rule),
    mendLinks: () => order('DELETE', ''),
    async scale(counts) {
      const scales = Object.entries({ ...replicas, ...counts }).flatMap(([service, count]) => [
        '--scale',
        `${service}=${count}`,
      ])
      await stack.compose('up', '--detach', '--no-build', '--no-recreate', '--wait', ...scales)
    },
    async healthy(services) {
      if (services.length === 0) return
      const deadline = performance.now() + healthyWithinMs
      for (;;) {
        const format = '{{.Service}} {{.State}} {{.Health}}'
        const lines = (await stack.compose('ps', '--all', '--format', format, ...services))
          .split('\n')
          .filter(Boolean)
        const unwell = lines.filter((line) => !line.endsWith(' running healthy'))
        if (unwell.length === 0) return
        if (performance.now() > deadline) throw new Error(`not healthy again: ${unwell.join(', ')}`)
        await sleep(250)
      }
    },
    atRest: () => emptyQueues(stack),
    verify: () => verifyStack(stack),
    async linkAddressOf(containerId) {
      const format = `{{(index .NetworkSettings.Networks "${project}_links").IPAddress}}`
      return (await stack.docker('inspect', '--format', format, containerId)).trim()
    },
  }
}
