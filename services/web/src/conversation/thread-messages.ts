import { messageFromEntry } from '@parley/contracts/fold.ts'
import type { Message, TimelineEntry } from '@parley/contracts/timeline.ts'

/**
 * The accepted messages of one conversation that are known here: a stretch of them without holes, from a lowest
 * `seq` that is known up to `upTo`. History is added below, entries above. Where one begins to read far back,
 * it does not reach the newest yet.
 */
export interface ThreadMessages {
  /** By ascending `seq`, each once. */
  readonly messages: readonly Message[]
  /** The `before` of the next older page; null when there is none. */
  readonly nextBefore: number | null
  /** Up to which `seq` nothing is missing; entries that show nothing count too. */
  readonly upTo: number
  /** The newest `seq` that the conversation is known to have: what lies after `upTo` is yet to be loaded. */
  readonly head: number
}

export const noMessages: ThreadMessages = { messages: [], nextBefore: null, upTo: 0, head: 0 }

export const hasNewer = ({ upTo, head }: ThreadMessages): boolean => upTo < head

interface HistoryPage {
  /** Newest first. */
  readonly messages: readonly Message[]
  readonly nextBefore: number | null
}

interface TimelinePage {
  /** Oldest first, and without holes. */
  readonly entries: readonly TimelineEntry[]
  readonly head: number
}

/** Adds a page that was asked for with the `before` of what is here; a page that came twice changes nothing. */
export function addOlder(thread: ThreadMessages, page: HistoryPage): ThreadMessages {
  const isNext = (page.nextBefore ?? 0) < (thread.nextBefore ?? 0)
  return isNext
    ? { ...thread, messages: merge(thread.messages, page.messages), nextBefore: page.nextBefore }
    : thread
}

/** Adds a page of what came after a `seq`; one that does not follow what is here changes nothing. */
export function addNewer(thread: ThreadMessages, after: number, page: TimelinePage): ThreadMessages {
  if (after !== thread.upTo) return thread
  const upTo = page.entries.at(-1)?.seq ?? after
  return {
    ...thread,
    messages: merge(thread.messages, page.entries.map(messageFromEntry)),
    upTo,
    head: Math.max(thread.head, page.head, upTo),
  }
}

/** Begins with a page of the newest messages, whatever was here. */
export function startAtNewest({ messages, nextBefore }: HistoryPage): ThreadMessages {
  const newest = messages[0]?.seq ?? 0
  return { messages: merge([], messages), nextBefore, upTo: newest, head: newest }
}

/** Begins with what was said up to a `seq`; what came after it is yet to be added. */
export function startAt(seq: number, { messages, nextBefore }: HistoryPage, head: number): ThreadMessages {
  return { messages: merge([], messages), nextBefore, upTo: seq, head }
}

/** Takes a page of the newest messages. If it does not reach down to what is here, there is more to load between. */
export function takeNewest(thread: ThreadMessages, page: HistoryPage): ThreadMessages {
  if (thread.head === 0) return startAtNewest(page)
  const head = Math.max(thread.head, page.messages[0]?.seq ?? 0)
  // The page knows everything from its `nextBefore` on, or from the beginning.
  const reaches = page.nextBefore === null || page.nextBefore <= thread.upTo + 1
  return reaches
    ? { ...thread, messages: merge(thread.messages, page.messages), upTo: head, head }
    : { ...thread, head }
}

/** Takes an entry. Undefined: entries before it are missing here, and nobody knew. */
export function takeEntry(thread: ThreadMessages, entry: TimelineEntry): ThreadMessages | undefined {
  if (entry.seq <= thread.upTo) return thread
  const head = Math.max(thread.head, entry.seq)
  if (entry.seq > thread.upTo + 1) return hasNewer(thread) ? { ...thread, head } : undefined
  return { ...thread, messages: merge(thread.messages, [messageFromEntry(entry)]), upTo: entry.seq, head }
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
