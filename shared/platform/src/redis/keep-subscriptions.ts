import type { Logger } from '../log.ts'
import type { RedisConnection } from './open-redis.ts'

/** The sharded channels (`SSUBSCRIBE`) that a connection listens to, over any number of outages. */
export interface KeptSubscriptions {
  /** Listens to a channel from now on, or from when Redis is back. */
  readonly add: (channel: string) => void
  readonly remove: (channel: string) => void
  /** Whether Redis has confirmed every channel that was wanted when it came back. */
  complete(): boolean
  /** Tells of each change of `complete`. */
  onChange(listener: (complete: boolean) => void): void
  /** Resolves once Redis has answered all that was added so far; at once while Redis is away. */
  readonly settled: () => Promise<void>
}

/** Channels in one command, which thousands of them would make a huge one. */
const channelsAtOnce = 500

/**
 * Remembers what is wanted instead of queueing commands: an outage costs no memory, and afterwards it is
 * known when everything is heard again. Nothing here rejects, since those who want a channel do not wait.
 */
export function keepSubscriptions({
  connection,
  logger,
}: {
  connection: RedisConnection
  logger: Logger
}): KeptSubscriptions {
  const { client } = connection
  const wanted = new Set<string>()
  const listeners: ((complete: boolean) => void)[] = []
  let isComplete = false
  /** Answers come in the order of the commands, so the newest one stands for all. */
  let newest: Promise<void> = Promise.resolve()
  /** What is still to be sent of this turn, by what to do with it; each channel once, as it was wanted last. */
  let unsent = new Map<string, 'add' | 'remove'>()

  function change(complete: boolean): void {
    if (isComplete === complete) return
    isComplete = complete
    for (const listener of listeners) listener(complete)
  }

  /** A server that refuses a channel but stays is asked again for all of them, on another connection. */
  function giveUp(error: unknown): void {
    if (!connection.isReady()) return
    logger.error({ err: error }, 'Redis refused a subscription')
    client.disconnect(true)
  }

  function subscribe(channels: readonly string[]): Promise<boolean> {
    const answer = client.ssubscribe(...channels).then(
      () => true,
      (error: unknown) => {
        giveUp(error)
        return false
      },
    )
    newest = answer.then(() => undefined)
    return answer
  }

  async function restore(): Promise<void> {
    const confirmed = await Promise.all(inParts([...wanted]).map(subscribe))
    if (confirmed.every(Boolean) && connection.isReady()) change(true)
  }

  /** Somebody who watches hundreds of people costs a command, and not one each. */
  function send(): void {
    const sent = unsent
    unsent = new Map()
    // Otherwise all that is wanted is asked for when Redis is back.
    if (!connection.isReady()) return
    const [added, removed] = (['add', 'remove'] as const).map((what) =>
      inParts([...sent.keys()].filter((channel) => sent.get(channel) === what)),
    )
    for (const channels of removed!) client.sunsubscribe(...channels).catch(giveUp)
    for (const channels of added!) void subscribe(channels)
  }

  function note(channel: string, what: 'add' | 'remove'): void {
    if (unsent.size === 0) queueMicrotask(send)
    unsent.set(channel, what)
  }

  connection.onChange((ready) => {
    if (ready) void restore()
    else change(false)
  })
  if (connection.isReady()) void restore()

  return {
    add(channel) {
      wanted.add(channel)
      note(channel, 'add')
    },
    remove(channel) {
      wanted.delete(channel)
      note(channel, 'remove')
    },
    complete: () => isComplete,
    onChange(listener) {
      listeners.push(listener)
    },
    async settled() {
      // After what this turn still has to send.
      await Promise.resolve()
      await newest
    },
  }
}

function inParts(channels: readonly string[]): string[][] {
  const parts: string[][] = []
  for (let from = 0; from < channels.length; from += channelsAtOnce) {
    parts.push(channels.slice(from, from + channelsAtOnce))
  }
  return parts
}
