import { type chownSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  createPassword,
  hasAtLeast,
  refreshSecret,
} from '../../../shared/platform/src/secrets/check-secret.ts'
import {
  type FileAccess,
  keepSecret,
  type SecretKind,
  writeSecret,
} from '../../../shared/platform/src/secrets/secret-file.ts'
import { signingKey } from '../../../shared/platform/src/secrets/signing-key-pem.ts'
import { brokerDefinitions, brokerUsers } from './broker-rights.ts'
import { redisUsers, redisUsersFile } from './redis-rights.ts'

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

export type SecretsReport = Readonly<Record<Consumer, { made: string[]; kept: string[] }>>

/**
 * Makes the secrets of the stack that are missing, and changes none that exist: MongoDB takes its passwords over when it
 * first starts. A file appears whole or not at all, and only its owner may read it. One that is there
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
    report[consumer][existsSync(file) ? 'kept' : 'made'].push(name)
    return keepSecret(file, { ...kind, remedy }, accessOf(consumer))
  }

  const accessOf = (consumer: Consumer): FileAccess => {
    const user = users[consumer]
    return { mode: 0o400, uid: user, gid: user, ...(own === undefined ? {} : { own }) }
  }

  /** Another text than there was takes its place. */
  function replace(consumer: Consumer, name: string, text: string): void {
    writeSecret(join(folder, consumer, name), `${text}\n`, accessOf(consumer))
    report[consumer].kept = report[consumer].kept.filter((kept) => kept !== name)
    report[consumer].made.push(name)
  }

  /** Follows from passwords and from the rights that this release gives, so it is made anew when those change. */
  function rights(consumer: Consumer, name: string, text: string): void {
    const kept = secret(
      consumer,
      name,
      settings(() => text),
    )
    if (kept !== text) replace(consumer, name, text)
  }

  /**
   * The address of a server of this stack. One that was made before services had users of their own, or with a password
   * that is gone, is exchanged; one that leads elsewhere is somebody's own, and stays.
   */
  function ownAddress(consumer: Consumer, name: string, scheme: string, target: string): void {
    const wanted = `${scheme}://${target}`
    const kept = secret(
      consumer,
      name,
      address(() => wanted),
    )
    const isOurs = [`parley:`, ':', `${consumer}:`].some((user) => kept.startsWith(`${scheme}://${user}`))
    if (isOurs && kept.endsWith(target.slice(target.indexOf('@'))) && kept !== wanted)
      replace(consumer, name, wanted)
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
  // A user for each service, and one for whoever runs the stack, who may do everything.
  const passwordsOf = <Name extends string>(server: Consumer, names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, secret(server, `${name}-password`, password)])) as Record<
      Name,
      string
    >

  const rabbitPassword = secret('rabbitmq', 'password', password)
  secret(
    'rabbitmq',
    'rabbitmq.conf',
    settings(() => `default_user = parley\ndefault_pass = ${rabbitPassword}`),
  )
  const brokerPasswords = passwordsOf('rabbitmq', brokerUsers)
  rights('rabbitmq', 'definitions.json', brokerDefinitions(brokerPasswords, rabbitPassword))
  for (const service of brokerUsers) {
    ownAddress(service, 'rabbitmq-url', 'amqp', `${service}:${brokerPasswords[service]}@rabbitmq:5672`)
  }

  const redisPassword = secret('redis', 'password', password)
  secret(
    'redis',
    'redis.conf',
    settings(() => `requirepass ${redisPassword}`),
  )
  const redisPasswords = passwordsOf('redis', redisUsers)
  rights('redis', 'users.conf', redisUsersFile(redisPasswords))
  for (const service of redisUsers) {
    ownAddress(service, 'redis-url', 'redis', `${service}:${redisPasswords[service]}@redis:6379`)
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
