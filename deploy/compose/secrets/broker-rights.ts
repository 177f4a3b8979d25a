import { createHash } from 'node:crypto'

/** Those who log in at RabbitMQ, each with a password of its own. */
export const brokerUsers = ['auth', 'chat', 'realtime'] as const
export type BrokerUser = (typeof brokerUsers)[number]

interface Rights {
  /** What it may declare. */
  readonly configure: string
  /** Exchanges that it may publish to, and queues that it may bind. */
  readonly write: string
  /** Queues that it may consume, and exchanges that it may bind to. */
  readonly read: string
  /** Types of events that it may publish, and those that it may ask for. */
  readonly topics: { readonly write: string; readonly read: string }
}

const events = 'parley.events'
const nothing = '^$'
const shared = String.raw`parley\.(events|dead-letters)`

/**
 * Each declares the shared exchanges and the dead letters, and has the queues that begin with its name. Only auth says
 * what happens to users, only chat what is said; a gateway publishes nothing but what it puts aside itself. Whoever may
 * use the nameless exchange (`amq.default`) reaches every queue past all of this: that is chat alone, from whose
 * container dead letters are put back.
 */
const rights: Readonly<Record<BrokerUser, Rights>> = {
  auth: {
    configure: String.raw`^(${shared}|auth\..+)$`,
    write: String.raw`^(${shared}|auth\..+)$`,
    read: String.raw`^(${shared}|auth\..+)$`,
    topics: { write: String.raw`^users\.`, read: String.raw`^users\.` },
  },
  chat: {
    configure: String.raw`^(${shared}|chat\..+)$`,
    write: String.raw`^(${shared}|chat\..+|amq\.default)$`,
    read: String.raw`^(${shared}|chat\..+)$`,
    topics: { write: String.raw`^chat\.`, read: String.raw`^(chat|users)\.` },
  },
  realtime: {
    configure: String.raw`^(${shared}|realtime\..+)$`,
    write: String.raw`^(parley\.dead-letters|realtime\..+)$`,
    read: String.raw`^(${shared}|realtime\..+)$`,
    topics: { write: nothing, read: String.raw`^(chat|users)\.` },
  },
}

/**
 * What RabbitMQ takes over at each start (`load_definitions`): the users and their rights. Users of another name and
 * all queues stay as they are.
 * @param operator of the user `parley`, for whoever runs the stack: it may do everything
 */
export function brokerDefinitions(passwords: Readonly<Record<BrokerUser, string>>, operator: string): string {
  const vhost = '/'
  return JSON.stringify(
    {
      vhosts: [{ name: vhost }],
      users: [
        userOf('parley', operator, ['administrator']),
        ...brokerUsers.map((name) => userOf(name, passwords[name], [])),
      ],
      permissions: [
        { user: 'parley', vhost, configure: '.*', write: '.*', read: '.*' },
        ...brokerUsers.map((name) => {
          const { configure, write, read } = rights[name]
          return { user: name, vhost, configure, write, read }
        }),
      ],
      // Declared by the services as well; rights to topics are refused while it is missing.
      exchanges: [
        {
          name: events,
          vhost,
          type: 'topic',
          durable: true,
          auto_delete: false,
          internal: false,
          arguments: {},
        },
      ],
      topic_permissions: brokerUsers.map((name) => ({
        user: name,
        vhost,
        exchange: events,
        ...rights[name].topics,
      })),
    },
    undefined,
    2,
  )
}

const userOf = (name: string, password: string, tags: readonly string[]) => ({
  name,
  password_hash: hashOf(password),
  hashing_algorithm: 'rabbit_password_hashing_sha256',
  tags,
})

/**
 * As RabbitMQ keeps it: four bytes of salt, then SHA-256 of salt and password. The salt follows from the password, which
 * is random itself, so that the file stays the same while nothing changes.
 */
function hashOf(password: string): string {
  const salt = sha256(Buffer.from(`salt of ${password}`)).subarray(0, 4)
  return Buffer.concat([salt, sha256(Buffer.concat([salt, Buffer.from(password)]))]).toString('base64')
}

const sha256 = (data: NodeJS.ArrayBufferView): Uint8Array => createHash('sha256').update(data).digest()
