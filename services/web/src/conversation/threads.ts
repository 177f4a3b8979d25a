import type { ParleyClient } from '@parley/client/parley-client.ts'
import { hasNewer } from './thread-messages.ts'
import { createThread, type Thread, type UnreadAfter } from './thread.ts'

/** The threads that were opened, the last few of them, each fed with the entries of its conversation. */
export interface Threads {
  /** The thread with a person, which begins to load when it is not here. */
  open(personId: string): Thread
}

/** How many threads are kept; one that comes again is loaded again. */
const mostThreads = 12

export function createThreads(client: ParleyClient, unreadAfter: UnreadAfter): Threads {
  /** In the order of their last opening. */
  const threads = new Map<string, Thread>()

  client.on('entry', (entry) => {
    for (const [personId, thread] of threads) {
      const id = thread.conversationId.value
      // Of a conversation that has just begun, only the first message by the other one tells which it is;
      // the user's own is told by asking.
      const isHere = id === entry.conversationId || (id === undefined && entry.senderId === personId)
      if (isHere) thread.take(entry)
      else if (id === undefined) void thread.refresh()
    }
  })
  let isBegun = false
  client.on('resync', ({ cause }) => {
    if (cause === 'hole' || cause === 'comparison') return
    // What was said between loading and the first comparison, with a socket or without, is not told as entries.
    const isFirst = cause === 'connect' || !isBegun
    isBegun = true
    for (const thread of threads.values()) {
      if (isFirst || thread.state.value !== 'ready') void thread.refresh()
    }
  })

  return {
    open(personId) {
      const kept = threads.get(personId)
      // One that does not reach the newest may lack where one goes on reading now.
      const isOld = kept === undefined || hasNewer(kept.messages.value)
      const thread = isOld ? createThread(client, personId, unreadAfter) : kept
      threads.delete(personId)
      if (isOld) void thread.refresh()
      threads.set(personId, thread)
      for (const oldest of threads.keys()) {
        if (threads.size <= mostThreads) break
        threads.delete(oldest)
      }
      return thread
    },
  }
}
