import type { ParleyClient } from '@parley/client/parley-client.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'

/** Who types, and that the user does. */
export interface Typing {
  /** Those who type now, by person. */
  readonly people: ReadonlySignal<ReadonlySet<string>>
  /** The user changed what they write in a conversation. */
  wrote(conversationId: string, text: string): void
  /** The user sent it, or left. */
  stopped(): void
  close(): void
}

/** How often others are told that the user still types; it lapses after 6 s by itself. */
const renewMs = 3_000
/** After so long without a change the user does not type any more. */
const idleMs = 5_000

export function createTyping(client: ParleyClient): Typing {
  const people = signal<ReadonlySet<string>>(new Set())
  const lapses = new Map<string, ReturnType<typeof setTimeout>>()
  let told: { conversationId: string; at: number } | undefined
  let idle: ReturnType<typeof setTimeout> | undefined

  function set(userId: string, types: boolean, forMs = 0): void {
    clearTimeout(lapses.get(userId))
    lapses.delete(userId)
    if (types)
      lapses.set(
        userId,
        setTimeout(() => set(userId, false), forMs),
      )
    if (types === people.value.has(userId)) return
    const next = new Set(people.value)
    if (types) next.add(userId)
    else next.delete(userId)
    people.value = next
  }

  function stopped(): void {
    clearTimeout(idle)
    if (told !== undefined) client.typing(told.conversationId, false)
    told = undefined
  }

  client.on('typing', ({ userId, typing, expiresInMs }) => set(userId, typing, expiresInMs))
  // Who has just said something does not type.
  client.on('entry', ({ senderId }) => set(senderId, false))

  return {
    people,
    stopped,
    wrote(conversationId, text) {
      if (told !== undefined && told.conversationId !== conversationId) stopped()
      if (text.trim() === '') return stopped()
      clearTimeout(idle)
      idle = setTimeout(stopped, idleMs)
      if (told !== undefined && Date.now() - told.at < renewMs) return
      told = { conversationId, at: Date.now() }
      client.typing(conversationId, true)
    },
    close() {
      clearTimeout(idle)
      for (const lapse of lapses.values()) clearTimeout(lapse)
    },
  }
}
