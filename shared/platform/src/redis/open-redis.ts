import { Redis } from 'ioredis'
import type { Logger } from '../log.ts'
import { readRedisAddress } from './redis-address.ts'
import { OwnError } from '../own-error.ts'

/** A connection that comes back by itself. What is asked of it while it is away fails at once. */
export interface RedisConnection {
  /** For commands. Their promises reject while Redis is away, so each of them needs somebody who handles that. */
  readonly client: Redis
  isReady(): boolean
  /** Resolves once Redis answers, however long that takes. */
  ready(): Promise<void>
  /** Tells of each change: true when Redis is back, false when it is gone. */
  onChange(listener: (ready: boolean) => void): void
  /** @throws when Redis does not answer */
  ping(): Promise<void>
  /** Sends what was asked for before, as far as Redis answers, then disconnects. */
  close(): Promise<void>
}

/** Gaps between two attempts to connect grow up to this, and each is cut by up to a half at random. */
const longestGapMs = 2_000
/**
 * A server that owes an answer for so long is taken for gone, even if its TCP connection seems to stand.
 * The connection asks for a sign of life often enough to find out when nobody else asks for anything.
 */
const patienceMs = 3_000
const heartbeatMs = 1_000
/** How long closing waits for answers. */
const closingMs = 1_000

/** How long a server may have been gone, at most, before its connection says so. */
export const noticedWithinMs = heartbeatMs + patienceMs

/** How long to wait between two rounds in which no Sentinel knew a master that answers. */
const sentinelGapMs = 500

const optionsFor = (name: string) => ({
  connectionName: `parley-${name}`,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // Fails what is unanswered as soon as the connection is lost. With `null` it would never be settled,
  // since nothing is sent again.
  maxRetriesPerRequest: 0,
  // Its promises are nobody's: each one that fails would end the process.
  autoResubscribe: false,
  retryStrategy: (attempts: number) =>
    Math.min(50 * 2 ** (attempts - 1), longestGapMs) * (0.5 + Math.random() / 2),
  connectTimeout: patienceMs,
  socketTimeout: patienceMs,
  disconnectTimeout: closingMs,
})

/**
 * With Sentinels it goes to the master that they name now, and leaves one that is not the master any more as soon as
 * one of them says so: by itself it would stay for as long as its TCP connection stands, and be heard by nobody.
 */
function connect(url: string, options: ReturnType<typeof optionsFor>): Redis {
  const address = readRedisAddress(url)
  if (address === undefined) throw new OwnError('no address of Redis')
  if ('url' in address) return new Redis(address.url, options)
  const { sentinels, ...named } = address
  return new Redis({
    ...options,
    ...named,
    sentinels: [...sentinels],
    failoverDetector: true,
    sentinelRetryStrategy: () => sentinelGapMs,
    sentinelReconnectStrategy: () => longestGapMs,
    sentinelCommandTimeout: patienceMs,
  })
}

/**
 * Opens a connection without waiting for it.
 *
 * Commands are never queued for a server that is away and never sent twice: such a queue has no bounds, and
 * what is in it (who types, what to tell other gateways) is of no use later. So memory stays as it is and
 * callers learn of an outage at once. ioredis resubscribes to nothing either (see `keepSubscriptions`).
 *
 * @param url one address, or that of Sentinels (see `readRedisAddress`)
 * @param name what the connection is for, in logs and in Redis's list of clients
 */
export function openRedis(url: string, { logger, name }: { logger: Logger; name: string }): RedisConnection {
  const client = connect(url, optionsFor(name))
  const listeners: ((ready: boolean) => void)[] = []
  let state: 'connecting' | 'ready' | 'away' | 'closed' = 'connecting'
  let lastError: Error | undefined

  function change(next: 'ready' | 'away'): void {
    if (state === next || state === 'closed') return
    const before = state
    state = next
    if (next === 'away') logger.warn({ err: lastError, redis: name }, 'Redis is away')
    else if (before === 'away') logger.info({ redis: name }, 'Redis is back')
    lastError = undefined
    for (const listener of listeners) listener(next === 'ready')
  }

  // Without a listener an error would end the process.
  client.on('error', (error: Error) => {
    lastError = error
  })
  client.on('ready', () => change('ready'))
  client.on('close', () => change('away'))
  const isReady = (): boolean => state === 'ready' && client.status === 'ready'

  const heartbeat = setInterval(() => {
    // Without an answer the socket times out, which is all that is wanted here.
    if (isReady()) client.ping().catch(() => undefined)
  }, heartbeatMs).unref()

  return {
    client,
    isReady,
    async ready() {
      if (isReady()) return
      await new Promise<void>((resolve) => {
        listeners.push((ready) => ready && resolve())
      })
    },
    onChange(listener) {
      listeners.push(listener)
    },
    async ping() {
      await client.ping()
    },
    async close() {
      if (state === 'closed') return
      const ready = isReady()
      state = 'closed'
      clearInterval(heartbeat)
      if (ready) {
        const late = setTimeout(() => client.disconnect(), closingMs)
        await client.quit().catch(() => undefined)
        clearTimeout(late)
      }
      client.disconnect()
    },
  }
}
