import type { Presence } from '@parley/contracts/socket.ts'
import { isRetryable, ParleyClientError, retryAfterMs } from '../client-error.ts'
import type { Command } from '../connection/open-link.ts'
import type { Backoff } from '../time/backoff.ts'
import type { Timers } from '../time/timers.ts'

/**
 * Remembers whom the app watches, since a server forgets it with the socket. A server that was asked too much, or cannot
 * say now, is asked again when it wants to be; one that was lost is on the next connection.
 */
export interface PresenceWatch {
  watch(userIds: readonly string[]): void
  /** To be called on every connection. */
  renew(): void
}

export function createPresenceWatch({
  isConnected,
  command,
  onPresence,
  onFailure,
  timers,
  backoff,
  closing,
}: {
  isConnected: () => boolean
  command: Command
  onPresence: (presence: Presence) => void
  onFailure: (error: unknown) => void
  timers: Timers
  backoff: Backoff
  closing: AbortSignal
}): PresenceWatch {
  let watched: readonly string[] = []
  let cancelAgain: (() => void) | undefined
  closing.addEventListener('abort', () => cancelAgain?.())

  async function ask(userIds: readonly string[], failures = 0): Promise<void> {
    cancelAgain?.()
    try {
      const { presence } = await command('presence:watch', { userIds: [...userIds] })
      // Another question may have been asked meanwhile; its answer is the one that counts.
      if (userIds === watched) for (const one of presence) onPresence(one)
    } catch (error) {
      onFailure(error)
      const isLater = error instanceof ParleyClientError && error.problem !== undefined && isRetryable(error)
      if (userIds !== watched || !isLater) return
      cancelAgain = timers.after(backoff(failures, retryAfterMs(error)), () => {
        if (userIds === watched && isConnected()) void ask(userIds, failures + 1)
      })
    }
  }

  return {
    watch(userIds) {
      watched = [...userIds]
      if (isConnected()) void ask(watched)
    },
    renew() {
      if (watched.length > 0) void ask(watched)
    },
  }
}
