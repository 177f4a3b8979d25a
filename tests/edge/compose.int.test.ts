import { execFileSync } from 'node:child_process'
import { authProcessConfig } from '@parley/auth/config.ts'
import { chatProcessConfig } from '@parley/chat/config.ts'
import { serviceConfig } from '@parley/platform/service-config.ts'
import { realtimeProcessConfig } from '@parley/realtime/config.ts'

interface Service {
  readonly build?: unknown
  readonly cap_add?: readonly string[]
  readonly cap_drop?: readonly string[]
  readonly container_name?: string
  readonly cpus?: number
  readonly depends_on?: Readonly<Record<string, { condition: string }>>
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: Readonly<Record<string, unknown>>
  readonly init?: boolean
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> }
  readonly mem_limit?: string
  readonly networks?: Readonly<Record<string, unknown>>
  readonly pids_limit?: number
  readonly ports?: readonly { readonly target: number; readonly host_ip?: string }[]
  readonly read_only?: boolean
  readonly restart?: string
  readonly security_opt?: readonly string[]
  readonly stop_grace_period?: string
  readonly user?: string
  readonly volumes?: readonly {
    readonly source: string
    readonly target: string
    readonly type: string
    readonly read_only?: boolean
  }[]
}
interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>
}

/** The files as Compose understands them, with everything filled in. */
function readFiles(...files: readonly string[]): ComposeFile {
  const args = ['compose', '--profile', '*', ...files.flatMap((file) => ['--file', file])]
  const env = { ...process.env, PARLEY_TLS_FOLDER: '/certificates' }
  return JSON.parse(
    execFileSync('docker', [...args, 'config', '--format', 'json'], { encoding: 'utf8', env }),
  ) as ComposeFile
}

const { services, networks } = readFiles('docker-compose.yml')
const servers = ['nginx', 'auth', 'chat', 'realtime', 'mongo', 'rabbitmq', 'redis']
const tasks = ['secrets', 'auth-migrate', 'chat-migrate', 'migrate-to-mongo', 'renew-epoch', 'rotate-keys']
const inCommon = Object.entries(services)

describe('docker-compose.yml', () => {
  it('holds the servers and the tasks that are looked at here', () => {
    expect(Object.keys(services).toSorted()).toEqual([...servers, ...tasks].toSorted())
  })

  it.each(inCommon)('gives %s nothing to write on, no rights and an end to everything', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      init: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
    })
    expect(Number(service.mem_limit)).toBeGreaterThan(0)
    expect(service.pids_limit).toBeGreaterThan(0)
    // More than a machine has is refused.
    expect(service.cpus).toBe(1)
    expect(service.container_name).toBeUndefined()
    expect(service).not.toHaveProperty('privileged')
  })

  it.each(inCommon)('runs %s as a user who is nobody else, unless it has to be several', (name, service) => {
    const root: Record<string, string[]> = {
      secrets: ['CHOWN', 'DAC_READ_SEARCH'],
      'migrate-to-mongo': ['DAC_READ_SEARCH', 'SETGID', 'SETUID'],
      'renew-epoch': ['DAC_READ_SEARCH'],
      'rotate-keys': ['CHOWN', 'DAC_READ_SEARCH'],
    }
    expect(service.cap_add).toEqual(root[name])
    if (root[name] !== undefined) expect(service.user).toBe('root')
    // Our own images say so themselves.
    else if (service.build === undefined) expect(['mongodb', 'rabbitmq', 'redis']).toContain(service.user)
    else expect(service.user).toBeUndefined()
  })

  it('publishes no port but that of nginx', () => {
    const published = inCommon.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)
    expect(published).toEqual(['nginx'])
  })

  it('keeps the stores where neither the edge nor the world is', () => {
    expect(networks['data']?.internal).toBe(true)
    const on = (network: string) =>
      inCommon.filter(([, { networks = {} }]) => network in networks).map(([name]) => name)
    expect(on('edge').toSorted()).toEqual(['auth', 'chat', 'nginx', 'realtime'])
    expect(networks['edge']?.internal).toBe(true)
    // Whoever gets into a service gets no further: nothing but nginx can reach out.
    expect(on('outside')).toEqual(['nginx'])
    expect(on('data')).not.toContain('nginx')
    expect(on('default')).toEqual([])
  })

  it.each(servers)('watches over %s, and starts it again', (name) => {
    const { healthcheck, restart } = services[name]!
    expect(restart).toBe('unless-stopped')
    expect(healthcheck).toMatchObject({ interval: '1s', retries: 3 })
    // Engines before 25 refuse it.
    expect(healthcheck).not.toHaveProperty('start_interval')
  })

  it.each(tasks)('runs %s to its end, once', (name) => {
    expect(services[name]!.restart).toBe('no')
    expect(services[name]!.healthcheck).toBeUndefined()
  })

  it.each(['auth', 'chat', 'realtime'])('leaves %s more time to end than it takes', (name) => {
    const { SHUTDOWN_DEADLINE_MS } = serviceConfig.parse({})
    const seconds = /^(\d+)s$/.exec(services[name]!.stop_grace_period ?? '')?.[1]
    expect(Number(seconds) * 1_000).toBeGreaterThan(SHUTDOWN_DEADLINE_MS)
  })

  it('starts nothing before what it cannot do without', () => {
    const conditions = Object.fromEntries(
      inCommon.map(([name, { depends_on: dependsOn = {} }]) => [
        name,
        Object.entries(dependsOn).map(([other, { condition }]) => `${other} ${condition}`),
      ]),
    )
    const [healthy, done] = ['service_healthy', 'service_completed_successfully']
    expect(conditions).toMatchObject({
      auth: [`auth-migrate ${done}`, `rabbitmq ${healthy}`, `redis ${healthy}`],
      chat: [`chat-migrate ${done}`, `rabbitmq ${healthy}`],
      realtime: [`rabbitmq ${healthy}`, `redis ${healthy}`],
      'auth-migrate': [`mongo ${healthy}`],
      'chat-migrate': [`mongo ${healthy}`],
      mongo: [`secrets ${done}`],
      rabbitmq: [`secrets ${done}`],
      redis: [`secrets ${done}`],
    })
  })

  it.each([
    ['auth', authProcessConfig],
    ['chat', chatProcessConfig],
    ['realtime', realtimeProcessConfig],
  ])(
    'gives %s the settings that it must have, secrets as files, and none that it does not know',
    (name, schema) => {
      const known = Object.keys(schema.shape)
      const given = Object.keys(services[name]!.environment ?? {})
      const names = given.map((setting) => setting.replace(/_FILE$/, ''))
      expect(names.filter((setting) => !known.includes(setting))).toEqual([])
      const missing = schema.safeParse({}).error?.issues.map(({ path }) => path[0]) ?? []
      expect(names).toEqual(expect.arrayContaining(missing))
      for (const secret of ['MONGO_URL', 'RABBITMQ_URL', 'REDIS_URL', 'SIGNING_KEY', 'REFRESH_SECRET'])
        expect(given).not.toContain(secret)
    },
  )

  it('shows each container its own secrets, to read', () => {
    for (const [name, { volumes = [] }] of inCommon) {
      if (name === 'secrets') continue
      // It makes the new key, next to the old one.
      const writes = name === 'rotate-keys'
      const secrets = volumes.filter(({ source }) => source.startsWith('secrets-'))
      for (const volume of secrets) expect(volume.read_only).toBe(writes ? undefined : true)
      const sources = secrets.map(({ source }) => source.replace('secrets-', ''))
      if (['migrate-to-mongo', 'renew-epoch'].includes(name)) expect(sources).toEqual(['auth', 'chat'])
      else if (writes) expect(sources).toEqual(['auth'])
      else expect(sources).toEqual(name === 'nginx' ? [] : [name.replace('-migrate', '')])
    }
  })

  it('keeps what MongoDB and RabbitMQ hold, in volumes with names', () => {
    const kept = inCommon.flatMap(([, { volumes = [] }]) =>
      volumes.filter(({ type, read_only: readOnly }) => type === 'volume' && readOnly !== true),
    )
    const targets = kept.filter(({ source }) => !source.startsWith('secrets-')).map(({ target }) => target)
    expect(targets.toSorted()).toEqual(['/data/db', '/var/lib/rabbitmq'])
    // The directory of its queues is named after the host.
    expect(services['rabbitmq']).toMatchObject({ hostname: 'rabbitmq' })
  })
})

describe('the files that are laid over it', () => {
  it('open the stores to this machine alone, and run the sources', () => {
    const dev = readFiles('docker-compose.yml', 'docker-compose.dev.yml')
    for (const [name, { ports = [] }] of Object.entries(dev.services)) {
      if (name === 'nginx') continue
      for (const { host_ip: address } of ports) expect(address).toBe('127.0.0.1')
    }
    const published = Object.entries(dev.services).filter(([, { ports = [] }]) => ports.length > 0)
    expect(published.map(([name]) => name).toSorted()).toEqual(['mongo', 'nginx', 'rabbitmq', 'redis'])
    for (const name of ['auth', 'chat', 'realtime']) {
      expect(dev.services[name]).toMatchObject({ read_only: true })
      const targets = dev.services[name]!.volumes?.map(({ target }) => target)
      expect(targets).toContain(`/app/services/${name}/src`)
      expect(targets).toContain('/run/secrets')
    }
  })

  it('put TLS in the place of plain HTTP', () => {
    const { nginx } = readFiles('docker-compose.yml', 'deploy/compose/tls.yml').services
    expect(nginx?.ports?.map(({ target }) => target)).toEqual([8_443])
    expect(nginx?.volumes).toMatchObject([
      { source: '/certificates', target: '/etc/nginx/tls', read_only: true },
    ])
  })
})
