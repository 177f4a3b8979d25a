import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who has secrets, and as which user it reads them: that of its image. */
export const users = {
  auth: 1000,
  chat: 1000,
  realtime: 1000,
  mongo: 999,
  rabbitmq: 999,
  redis: 999,
} as const
export type Consumer = keyof typeof users

export type SecretsReport = Readonly<Record<Consumer, { readonly made: string[]; readonly kept: string[] }>>

/**
 * Makes the secrets of the stack that are missing, and changes none that exist: a server takes its passwords
 * over when it first starts. A file appears whole or not at all, and only its owner may read it.
 * @param folder holds a folder per consumer, so that no container sees what is another's
 * @param own gives a file to a user, which only root may
 */
export function makeSecrets(folder: string, own: typeof chownSync = chownSync): SecretsReport {
  const report: SecretsReport = {
    auth: { made: [], kept: [] },
    chat: { made: [], kept: [] },
    realtime: { made: [], kept: [] },
    mongo: { made: [], kept: [] },
    rabbitmq: { made: [], kept: [] },
    redis: { made: [], kept: [] },
  }

  /** What the file holds, made now where there is none. */
  function secret(consumer: Consumer, name: string, create: () => string): string {
    const file = join(folder, consumer, name)
    if (existsSync(file)) {
      report[consumer].kept.push(name)
      return readFileSync(file, 'utf8').trim()
    }
    const value = create()
    const unfinished = `${file}.new`
    rmSync(unfinished, { force: true })
    writeFileSync(unfinished, `${value}\n`, { mode: 0o400, flush: true })
    own(unfinished, users[consumer], users[consumer])
    renameSync(unfinished, file)
    report[consumer].made.push(name)
    return value
  }

  secret('auth', 'signing-key', createSigningKey)
  secret('auth', 'refresh-secret', createPassword)

  // The servers' own files come first: what a service gets is made from them.
  secret('mongo', 'root-password', createPassword)
  for (const service of ['auth', 'chat'] as const) {
    const password = secret('mongo', `${service}-password`, createPassword)
    secret(service, 'mongo-url', () => `mongodb://${service}:${password}@mongo:27017/parley_${service}`)
  }
  const rabbitPassword = secret('rabbitmq', 'password', createPassword)
  secret('rabbitmq', 'rabbitmq.conf', () => `default_user = parley\ndefault_pass = ${rabbitPassword}`)
  for (const service of ['auth', 'chat', 'realtime'] as const) {
    secret(service, 'rabbitmq-url', () => `amqp://parley:${rabbitPassword}@rabbitmq:5672`)
  }
  const redisPassword = secret('redis', 'password', createPassword)
  secret('redis', 'redis.conf', () => `requirepass ${redisPassword}`)
  for (const service of ['auth', 'realtime'] as const) {
    secret(service, 'redis-url', () => `redis://:${redisPassword}@redis:6379`)
  }
  return report
}

/**
 * 32 random bytes, in letters that need no escaping in an address or a configuration file. No `-` at the beginning
 * either: the entry point of the image `mongo` gives its password to `mongosh` as an argument.
 */
const createPassword = (): string => randomBytes(32).toString('hex')

const createSigningKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
    .trim()
