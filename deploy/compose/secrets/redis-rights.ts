import { createHash } from 'node:crypto'

/** Those who log in at Redis, each with a password of its own. */
export const redisUsers = ['auth', 'chat', 'realtime'] as const
export type RedisUser = (typeof redisUsers)[number]

const limits = ['~parley:limit:*', '~parley:bucket:*']
/** Keys and channels by the beginnings of their names; beside them nobody sees any. */
const places: Readonly<Record<RedisUser, readonly string[]>> = {
  auth: limits,
  chat: limits,
  realtime: [...limits, '~parley:presence:*', '~parley:typing:*', '&parley*'],
}

/** Whatever works on keys and channels, and what a client asks about its connection; nothing that is dangerous. */
const commands = [
  '-@all',
  '+@read',
  '+@write',
  '+@scripting',
  '+@transaction',
  '+@connection',
  '+@pubsub',
  '-@dangerous',
  '-@admin',
  // The names of everybody's keys.
  '-scan',
  '-randomkey',
  '+info',
  '+time',
]

/**
 * The users of Redis, as lines of its configuration. Who comes without a name, with the password in `redis.conf`, is
 * whoever runs the stack, and may do everything.
 */
export const redisUsersFile = (passwords: Readonly<Record<RedisUser, string>>): string =>
  redisUsers
    .map((name) => {
      const hash = createHash('sha256').update(passwords[name]).digest('hex')
      return ['user', name, 'reset', 'on', `#${hash}`, ...places[name], ...commands].join(' ')
    })
    .join('\n')
