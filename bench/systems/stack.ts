import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '../../tests/stack/composed-stack.ts'
import { containerCpu, residentBytesOfContainer } from '../measure/container.ts'
import { type OnSignal, preloadEnv } from '../preload/preload-env.ts'
import { registerPeople } from './register-people.ts'
import { benchSettings } from './settings.ts'
import type { Part, System } from './system.ts'

const project = 'parley-bench'
const own = ['auth', 'chat', 'realtime'] as const
const partOf: Readonly<Record<string, Part>> = {
  auth: 'own',
  chat: 'own',
  realtime: 'own',
  nginx: 'nginx',
  rabbitmq: 'rabbitmq',
  redis: 'redis',
  mongo: 'database',
}
const profileFolder = '/profiles'
const preloadFolder = '/bench'

export interface StackSystem extends System {
  readonly stack: Awaited<ReturnType<typeof startStack>>
  /** Where each gateway is reached past nginx. */
  gatewayUrls(): Promise<string[]>
  /** Starts or ends gateways until there are so many. */
  scale(gateways: number): Promise<void>
}

interface Container {
  readonly id: string
  readonly name: string
  readonly service: string
  /** Of its first process, as this machine counts. */
  readonly pid: number
}

/**
 * Parley's stack as Compose starts it, with so many gateways and chat processes. Clients come to nginx at the address
 * of its container, so that Docker's own proxy, which nobody counts, is not on the way.
 */
export async function startStackSystem({
  onSignal,
  gateways,
  chats,
  settings = {},
}: {
  onSignal: OnSignal | undefined
  gateways: number
  chats: number
  settings?: Readonly<Record<string, string>> | undefined
}): Promise<StackSystem> {
  refuseSecond()
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  const overlay = join(folder, 'docker-compose.bench.yml')
  // YAML is a superset of JSON.
  writeFileSync(overlay, JSON.stringify(overlayOf({ ...benchSettings, ...settings }, onSignal)))
  // A container writes as a user of its own.
  if (onSignal?.do === 'profile') chmodSync(onSignal.folder, 0o777)

  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true })
  const stack = await startStack({
    project,
    scale: { realtime: gateways, chat: chats },
    env: { LOG_LEVEL: 'warn' },
    files: [overlay],
  }).catch((error: unknown) => {
    removeFolder()
    throw error
  })
  try {
    let containers = await findContainers(stack)
    const ownContainers = (): Container[] =>
      containers.filter(({ service }) => own.some((name) => name === service))
    const urlsOf = (wanted: string): Promise<string[]> =>
      Promise.all(
        containers
          .filter(({ service }) => service === wanted)
          .map(async ({ id }) => {
            const format = `{{(index .NetworkSettings.Networks "${project}_edge").IPAddress}}`
            return `http://${(await stack.docker('inspect', '--format', format, id)).trim()}:8080`
          }),
      )
    const url = (await urlsOf('nginx'))[0]!

    return {
      name: 'parley',
      url,
      stack,
      gatewayUrls: () => urlsOf('realtime'),
      async scale(wanted) {
        const scales = ['--scale', `realtime=${wanted}`, '--scale', `chat=${chats}`]
        await stack.compose('up', '--detach', '--no-build', '--no-recreate', '--wait', ...scales)
        containers = await findContainers(stack)
      },
      createPeople: (count) => registerPeople(url, count),
      cpu: async () =>
        containers.map(({ name, service, pid }) => ({
          name,
          part: partOf[service]!,
          microseconds: containerCpu(pid),
        })),
      residentBytes: async () =>
        ownContainers().reduce((sum, { pid }) => sum + residentBytesOfContainer(pid), 0),
      async signal() {
        await stack.docker('kill', '--signal', 'USR2', ...ownContainers().map(({ id }) => id))
      },
      async close() {
        const unhandled = await stack.unhandledErrors()
        await stack.down()
        removeFolder()
        if (unhandled.length > 0) throw new Error(`the stack had errors:\n${unhandled.join('\n')}`)
      },
    }
  } catch (error) {
    await stack.down()
    removeFolder()
    throw error
  }
}

/** Two at once would scale and remove each other's containers. */
function refuseSecond(): void {
  const filter = `label=com.docker.compose.project=${project}`
  const running = execFileSync('docker', ['ps', '--quiet', '--filter', filter], { encoding: 'utf8' })
  if (running === '') return
  throw new Error(
    `another bench uses the stack. If none does: docker compose --project-name ${project} down --volumes`,
  )
}

async function findContainers(stack: StackSystem['stack']): Promise<Container[]> {
  const found: Container[] = []
  for (const service of Object.keys(partOf)) {
    for (const { id, name } of await stack.containers(service)) {
      const pid = Number(await stack.docker('inspect', '--format', '{{.State.Pid}}', id))
      found.push({ id, name, service, pid })
    }
  }
  return found
}

function overlayOf(settings: Readonly<Record<string, string>>, onSignal: OnSignal | undefined) {
  const modules = join(import.meta.dirname, '..', 'preload')
  const inside: OnSignal | undefined =
    onSignal?.do === 'profile' ? { ...onSignal, folder: profileFolder } : onSignal
  const service = (name: string) => ({
    environment: { ...settings, ...preloadEnv(inside, name, preloadFolder) },
    volumes: [
      `${modules}:${preloadFolder}:ro`,
      ...(onSignal?.do === 'profile' ? [`${onSignal.folder}:${profileFolder}`] : []),
    ],
  })
  return { services: Object.fromEntries(own.map((name) => [name, service(name)])) }
}
