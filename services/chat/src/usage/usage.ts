import type { Logger } from '@parley/platform/log.ts'
import type { UsageStore } from './usage-store.ts'

/**
 * How much each user has stored. A process adds up what it has stored and writes it at most once in `everyMs`: one addition
 * for each user who sent, all together. On the way of a message it is a look into a map; only the first message of a
 * user waits, for one read.
 *
 * Guarantees
 * - Nothing is counted that is not stored, and nothing twice: nobody is refused for what is not there.
 * - Less may be counted than is stored: what was added in the last `everyMs` before a crash is lost, and so is what
 *   a write that failed was to add, since nobody knows whether it did.
 * - A user can pass the limit by what is under way at the time, and by what other replicas take in the minute until
 *   this one reads their number again.
 */
export interface Usage {
  /** Whether so many bytes more are within the limit. @throws ParleyError `unavailable` when it cannot be read */
  hasRoom(userId: string, bytes: number): Promise<boolean>
  /** After a message was stored. */
  add(userId: string, bytes: number): void
  /** Writes what is not written yet. */
  close(): Promise<void>
}

interface Known {
  /** Of all replicas when it was read, and of this one since. */
  bytes: number
  readAt: number
}

/** Whoever came first is forgotten first, and read again. */
const mostUsers = 50_000

/** @param limit bytes that a user may store; 0 for as many as there is room for */
export function createUsage({
  store,
  limit,
  logger,
  everyMs = 1_000,
  freshMs = 60_000,
  now = () => performance.now(),
}: {
  store: UsageStore
  limit: number
  logger: Logger
  everyMs?: number
  freshMs?: number
  now?: () => number
}): Usage {
  const known = new Map<string, Known>()
  const reading = new Map<string, Promise<Known>>()
  let unsaid = new Map<string, number>()
  let due: NodeJS.Timeout | undefined
  let writing = Promise.resolve()

  function read(userId: string): Promise<Known> {
    const running = reading.get(userId) ?? readNow(userId).finally(() => reading.delete(userId))
    reading.set(userId, running)
    return running
  }

  async function readNow(userId: string): Promise<Known> {
    // What is on its way may be in the number or not; until it is read, nothing else of this user sets out.
    await writing
    const stored = await store.bytesOf(userId)
    const found = { bytes: stored + (unsaid.get(userId) ?? 0), readAt: now() }
    if (known.size >= mostUsers) known.delete(known.keys().next().value!)
    known.set(userId, found)
    return found
  }

  function writeSoon(): void {
    due ??= setTimeout(() => {
      writing = write().finally(() => {
        due = undefined
        if (unsaid.size > 0) writeSoon()
      })
    }, everyMs).unref()
  }

  async function write(): Promise<void> {
    const said = new Map([...unsaid].filter(([userId]) => !reading.has(userId)))
    if (said.size === 0) return
    unsaid = new Map([...unsaid].filter(([userId]) => reading.has(userId)))
    try {
      await store.add(said)
    } catch (err) {
      logger.warn({ err, users: said.size }, 'what users have stored was not written, and is not counted')
    }
  }

  return {
    async hasRoom(userId, bytes) {
      if (limit === 0) return true
      const found = known.get(userId) ?? (await read(userId))
      if (now() - found.readAt > freshMs) {
        // Once, also when it fails; meanwhile the old number does.
        found.readAt = now()
        read(userId).catch(() => undefined)
      }
      return found.bytes + bytes <= limit
    },
    add(userId, bytes) {
      unsaid.set(userId, (unsaid.get(userId) ?? 0) + bytes)
      const found = known.get(userId)
      if (found !== undefined) found.bytes += bytes
      writeSoon()
    },
    async close() {
      clearTimeout(due)
      await writing
      await Promise.allSettled(reading.values())
      await write()
      clearTimeout(due)
    },
  }
}
