import type { Presence } from '@parley/contracts/socket.ts'
import type { Command } from '../connection/open-link.ts'

/** Remembers whom the app watches, since a server forgets it with the socket. */
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
}: {
  isConnected: () => boolean
  command: Command
  onPresence: (presence: Presence) => void
  onFailure: (error: unknown) => void
}): PresenceWatch {
  let watched: readonly string[] = []

  async function ask(userIds: readonly string[]): Promise<void> {
    try {
      const { presence } = await command('presence:watch', { userIds: [...userIds] })
      // Another question may have been asked meanwhile; its answer is the one that counts.
      if (userIds === watched) for (const one of presence) onPresence(one)
    } catch (error) {
      onFailure(error)
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
