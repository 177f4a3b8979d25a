import { createPrivateKey } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { authProcessConfig } from '@parley/auth/config.ts'
import { chatProcessConfig } from '@parley/chat/config.ts'
import { realtimeProcessConfig } from '@parley/realtime/config.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { type Consumer, makeSecrets, users } from '../../deploy/compose/secrets/make-secrets.ts'

describe('the secrets of the stack', () => {
  let folder: ReturnType<typeof createTemporaryFolder>
  let owned: Map<string, number>
  beforeEach(() => {
    folder = createTemporaryFolder()
    owned = new Map()
    for (const consumer of Object.keys(users)) mkdirSync(join(folder.path, consumer))
  })
  afterEach(() => folder.remove())

  const make = () =>
    makeSecrets(folder.path, (file, uid) => void owned.set(relative(folder.path, String(file)), uid))
  const read = (consumer: Consumer, name: string) =>
    readFileSync(join(folder.path, consumer, name), 'utf8').trim()
  const everything = () =>
    Object.fromEntries(
      Object.keys(users).flatMap((consumer) =>
        readdirSync(join(folder.path, consumer)).map((name) => [
          `${consumer}/${name}`,
          read(consumer as Consumer, name),
        ]),
      ),
    )

  it('are made where they are missing, and kept where they are not', () => {
    const first = make()
    expect(first.auth.made).toContain('signing-key')
    expect(Object.values(first).flatMap(({ kept }) => kept)).toEqual([])
    const before = everything()
    const second = make()
    expect(everything()).toEqual(before)
    expect(Object.values(second).flatMap(({ made }) => made)).toEqual([])

    rmSync(join(folder.path, 'auth', 'signing-key'))
    rmSync(join(folder.path, 'chat', 'mongo-url'))
    expect(make()).toMatchObject({ auth: { made: ['signing-key'] }, chat: { made: ['mongo-url'] } })
    const { 'auth/signing-key': renewed, ...others } = everything()
    expect(renewed).not.toBe(before['auth/signing-key'])
    expect(before).toMatchObject(others)
  })

  it('can be read by the user of the container, and by nobody else', () => {
    make()
    for (const path of Object.keys(everything())) {
      expect([path, statSync(join(folder.path, path)).mode & 0o777]).toEqual([path, 0o400])
      expect(owned.get(`${path}.new`)).toBe(users[path.split('/')[0] as Consumer])
    }
  })

  it('are what the services ask for', () => {
    make()
    const settings = {
      RABBITMQ_URL: read('realtime', 'rabbitmq-url'),
      REDIS_URL: read('realtime', 'redis-url'),
      AUTH_URL: 'http://auth:8080',
      CHAT_URL: 'http://chat:8080',
    }
    expect(realtimeProcessConfig.safeParse(settings).error).toBeUndefined()
    const chat = { ...settings, MONGO_URL: read('chat', 'mongo-url') }
    expect(chatProcessConfig.safeParse(chat).error).toBeUndefined()
    const auth = {
      ...settings,
      MONGO_URL: read('auth', 'mongo-url'),
      SIGNING_KEY: read('auth', 'signing-key'),
      REFRESH_SECRET: read('auth', 'refresh-secret'),
    }
    expect(authProcessConfig.safeParse(auth).error).toBeUndefined()
    expect(createPrivateKey(auth.SIGNING_KEY).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(Buffer.from(auth.REFRESH_SECRET, 'hex')).toHaveLength(32)
  })

  it('are never taken for an option by a command that gets them', () => {
    make()
    for (const path of ['mongo/root-password', 'mongo/chat-password', 'rabbitmq/password', 'redis/password'])
      expect(read(...(path.split('/') as [Consumer, string]))).toMatch(/^[\da-f]{64}$/)
  })

  it('are the same for a server and for those who log in there', () => {
    make()
    for (const service of ['auth', 'chat'] as const) {
      const { username, password, pathname } = new URL(read(service, 'mongo-url'))
      expect([username, password, pathname]).toEqual([
        service,
        read('mongo', `${service}-password`),
        `/parley_${service}`,
      ])
    }
    for (const [server, services] of [
      ['rabbitmq', ['auth', 'chat', 'realtime']],
      ['redis', ['auth', 'chat', 'realtime']],
    ] as const) {
      for (const service of services) {
        const { username, password, host } = new URL(read(service, `${server}-url`))
        expect([username, password]).toEqual([service, read(server, `${service}-password`)])
        expect(host).toBe(server === 'redis' ? 'redis:6379' : 'rabbitmq:5672')
      }
    }
    expect(read('rabbitmq', 'rabbitmq.conf')).toBe(
      `default_user = parley\ndefault_pass = ${read('rabbitmq', 'password')}`,
    )
    expect(read('redis', 'redis.conf')).toBe(`requirepass ${read('redis', 'password')}`)
    const passwords = [...new Set(Object.values(everything()))]
    expect(passwords.length).toBeGreaterThan(10)
  })

  it('give each service a user of its own where all had one, and leave other servers alone', () => {
    make()
    const before = everything()
    const write = (consumer: Consumer, name: string, text: string): void => {
      rmSync(join(folder.path, consumer, name))
      writeFileSync(join(folder.path, consumer, name), `${text}\n`)
    }
    // As the release before left them.
    write('realtime', 'rabbitmq-url', `amqp://parley:${read('rabbitmq', 'password')}@rabbitmq:5672`)
    write('auth', 'redis-url', `redis://:${read('redis', 'password')}@redis:6379`)
    for (const name of ['definitions.json', 'realtime-password']) rmSync(join(folder.path, 'rabbitmq', name))
    const elsewhere = 'amqps://chat:secret@broker.example.com/parley'
    write('chat', 'rabbitmq-url', elsewhere)

    const { rabbitmq, realtime, auth, chat } = make()
    expect(rabbitmq.made.toSorted()).toEqual(['definitions.json', 'realtime-password'])
    expect([realtime.made, auth.made, chat.made]).toEqual([['rabbitmq-url'], ['redis-url'], []])
    expect(new URL(read('realtime', 'rabbitmq-url'))).toMatchObject({
      username: 'realtime',
      password: read('rabbitmq', 'realtime-password'),
    })
    expect(read('auth', 'redis-url')).toBe(before['auth/redis-url'])
    expect(read('chat', 'rabbitmq-url')).toBe(elsewhere)
    expect(make().rabbitmq.made).toEqual([])
  })

  it('are made whole by the next run when one was interrupted', () => {
    writeFileSync(join(folder.path, 'redis', 'password.new'), 'half', { mode: 0o400 })
    make()
    expect(read('redis', 'password')).toHaveLength(64)
    expect(Object.keys(everything()).filter((path) => path.endsWith('.new'))).toEqual([])
  })

  it.each([
    ['redis', 'password', '', 'is empty'],
    ['redis', 'redis.conf', '\n', 'is empty'],
    ['mongo', 'root-password', 'hal', 'has 3 characters, and must have at least 8'],
    ['auth', 'signing-key', '', 'is empty'],
    ['auth', 'signing-key', 'nonsense', 'is no EC key on the curve P-256 in PEM'],
    ['auth', 'refresh-secret', 'hal', 'has 3 characters, and must have at least 32'],
    ['chat', 'mongo-url', 'mongodb', 'is no address'],
  ] as const)('are refused where what is there is none: %s/%s %j', (consumer, name, text, fault) => {
    const file = join(folder.path, consumer, name)
    writeFileSync(file, text)
    expect(make).toThrow(`${file} ${fault}; delete it`)
  })
})
