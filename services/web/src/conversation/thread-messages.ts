import { messageFromEntry } from '@parley/contracts/fold.ts'
import type { Message, TimelineEntry } from '@parley/contracts/timeline.ts'

/**
 * The accepted messages of one conversation that are known here: the newest ones, without holes, from a lowest
 * `seq` that is known to the newest entry. History is added below, entries above.
 */
export interface ThreadMessages {
  /** By ascending `seq`, each once. */
  readonly messages: readonly Message[]
  /** The `before` of the next older page; null when there is none. */
  readonly nextBefore: number | null
  /** Up to which `seq` nothing is missing; entries that show nothing count too. */
  readonly head: number
}

export const noMessages: ThreadMessages = { messages: [], nextBefore: null, head: 0 }

interface HistoryPage {
  /** Newest first. */
  readonly messages: readonly Message[]
  readonly nextBefore: number | null
}

/** Adds a page that was asked for with the `before` of what is here; a page that came twice changes nothing. */
export function addOlder(thread: ThreadMessages, page: HistoryPage): ThreadMessages {
  const isNext = (page.nextBefore ?? 0) < (thread.nextBefore ?? 0)
  return isNext
    ? { ...thread, messages: merge(thread.messages, page.messages), nextBefore: page.nextBefore }
    : thread
}

/**
 * Takes a page of the newest messages. What is here stays if the page reaches down to it; otherwise something
 * between the two is missing, and the page begins anew.
 */
export function takeNewest(thread: ThreadMessages, page: HistoryPage): ThreadMessages {
  const newest = page.messages[0]?.seq ?? 0
  // The page knows everything from its `nextBefore` on, or from the beginning.
  const reaches = page.nextBefore === null || page.nextBefore <= thread.head + 1
  if (thread.head > 0 && reaches) {
    return {
      ...thread,
      messages: merge(thread.messages, page.messages),
      head: Math.max(thread.head, newest),
    }
  }
  return { messages: merge([], page.messages), nextBefore: page.nextBefore, head: newest }
}

/** Takes the next entry. Undefined: entries before it are missing here. */
export function takeEntry(thread: ThreadMessages, entry: TimelineEntry): ThreadMessages | undefined {
  if (entry.seq <= thread.head) return thread
  if (entry.seq > thread.head + 1) return undefined
  return { ...thread, messages: merge(thread.messages, [messageFromEntry(entry)]), head: entry.seq }
}

function merge(messages: readonly Message[], others: readonly Message[]): readonly Message[] {
  const last = messages.at(-1)
  // The common case, which must not cost more the longer the conversation is.
  if (others.length === 1 && others[0] !== undefined && (last === undefined || others[0].seq > last.seq)) {
    return [...messages, others[0]]
  }
  const bySeq = new Map([...messages, ...others].map((message) => [message.seq, message]))
  return bySeq.size === messages.length ? messages : [...bySeq.values()].toSorted((a, b) => a.seq - b.seq)
}
