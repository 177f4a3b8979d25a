import { type chownSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  createPassword,
  hasAtLeast,
  refreshSecret,
} from '../../../shared/platform/src/secrets/check-secret.ts'
import { keepSecret, type SecretKind } from '../../../shared/platform/src/secrets/secret-file.ts'
import { signingKey } from '../../../shared/platform/src/secrets/signing-key-pem.ts'

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
 * over when it first starts. A file appears whole or not at all, and only its owner may read it. One that is there
 * and is no secret, such as an empty one, is refused by its name.
 * @param folder holds a folder per consumer, so that no container sees what is another's
 * @param own gives a file to a user, which only root may
 * @throws SecretFileError
 */
export function makeSecrets(folder: string, own?: typeof chownSync): SecretsReport {
  const report: SecretsReport = {
    auth: { made: [], kept: [] },
    chat: { made: [], kept: [] },
    realtime: { made: [], kept: [] },
    mongo: { made: [], kept: [] },
    rabbitmq: { made: [], kept: [] },
    redis: { made: [], kept: [] },
  }

  /** What the file holds, made now where there is none. */
  function secret(consumer: Consumer, name: string, kind: Omit<SecretKind, 'remedy'>): string {
    const file = join(folder, consumer, name)
    const user = users[consumer]
    report[consumer][existsSync(file) ? 'kept' : 'made'].push(name)
    const access = { mode: 0o400, uid: user, gid: user, ...(own === undefined ? {} : { own }) }
    return keepSecret(file, { ...kind, remedy }, access)
  }

  secret('auth', 'signing-key', signingKey)
  secret('auth', 'refresh-secret', refreshSecret)

  // The servers' own files come first: what a service gets is made from them.
  secret('mongo', 'root-password', password)
  for (const service of ['auth', 'chat'] as const) {
    const made = secret('mongo', `${service}-password`, password)
    secret(
      service,
      'mongo-url',
      address(() => `mongodb://${service}:${made}@mongo:27017/parley_${service}`),
    )
  }
  const rabbitPassword = secret('rabbitmq', 'password', password)
  secret(
    'rabbitmq',
    'rabbitmq.conf',
    settings(() => `default_user = parley\ndefault_pass = ${rabbitPassword}`),
  )
  for (const service of ['auth', 'chat', 'realtime'] as const) {
    secret(
      service,
      'rabbitmq-url',
      address(() => `amqp://parley:${rabbitPassword}@rabbitmq:5672`),
    )
  }
  const redisPassword = secret('redis', 'password', password)
  secret(
    'redis',
    'redis.conf',
    settings(() => `requirepass ${redisPassword}`),
  )
  for (const service of ['auth', 'realtime'] as const) {
    secret(
      service,
      'redis-url',
      address(() => `redis://:${redisPassword}@redis:6379`),
    )
  }
  return report
}

/** Passwords may be somebody's own; what is shorter than any of these was broken off. */
const password = { create: createPassword, check: hasAtLeast(8) }
const isAddress = (text: string): string | undefined =>
  /^[a-z+]+:\/\/./.test(text) ? undefined : 'is no address'
const address = (create: () => string) => ({ create, check: isAddress })
const settings = (create: () => string) => ({ create, check: hasAtLeast(1) })
const remedy = 'delete it, and run this again'
