import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { createEvent } from '@parley/platform/events/create-event.ts'
import type { Logger } from '@parley/platform/log.ts'
import type { Outbox, PendingEvent } from '@parley/platform/events/outbox.ts'
import { createRecentIds } from '@parley/platform/events/recent-ids.ts'
import type { ConversationAccess } from '../conversations/conversation-access.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { headsOf } from '../timeline/heads-of.ts'
import type { Committed } from '../timeline/timeline.ts'
import type { TimelineStore } from '../timeline/timeline-store.ts'

/** The event of an entry has the entry's id, so however often it is published, it is one event. */
export const toPendingEvent = ({ entry, conversation }: Committed): PendingEvent => ({
  key: entry.id,
  event: createEvent('chat.message-created.v1', {
    source: 'urn:parley:chat',
    subject: entry.conversationId,
    id: entry.id,
    time: entry.at,
    data: { entry, recipientIds: conversation.memberIds },
  }),
})

/** An entry that comes from so far ahead was accepted under a clock that has been set back since. */
const aheadMs = 30_000
/** At least. What is forgotten is told again, which is no harm. */
const rememberedEntries = 10_000

export interface TimelineOutbox extends Outbox {
  /** These are committed, and their conversations know of them: a sweep need not tell those again. */
  noteTold(committed: readonly Committed[]): void
}

/**
 * The timeline is the outbox: an entry and its event are one insert. What is pending here was committed, but
 * perhaps the process died right then, so what follows from an entry is done again before it is published.
 *
 * @param afterMs how old an entry must be before the sweep takes it: younger ones are being published
 */
export function createTimelineOutbox({
  timeline,
  conversations,
  access,
  afterMs,
  logger,
}: {
  timeline: TimelineStore
  conversations: ConversationStore
  access: ConversationAccess
  afterMs: number
  logger: Logger
}): TimelineOutbox {
  /** Telling a conversation again moves it among changes, and up in lists, where nothing has changed. */
  const told = createRecentIds(rememberedEntries)
  /** How many entries nobody can be told of. They stay pending, and must not hide what is behind them. */
  let orphans = 0

  async function withConversations(entries: readonly TimelineEntry[]): Promise<Committed[]> {
    const conversationById = await access.findMany(entries.map(({ conversationId }) => conversationId))
    return entries.flatMap((entry) => {
      const conversation = conversationById.get(entry.conversationId)
      return conversation === undefined ? [] : { entry, conversation }
    })
  }

  return {
    async pending(limit) {
      const now = Date.now()
      const [before, orAfter] = [now - afterMs, now + aheadMs].map((time) => new Date(time).toISOString())
      const entries = await timeline.pending(before!, limit + orphans, orAfter)
      if (entries.length === 0) return []
      const untold = entries.filter(({ id }) => !told.has(id))
      await conversations.advance(headsOf(untold))
      for (const { id } of untold) told.add(id)
      const committed = await withConversations(entries)
      const missing = entries.length - committed.length
      if (missing > orphans)
        logger.error(
          { entries: missing },
          'entries without a conversation stay pending: see `npm run verify`',
        )
      orphans = missing
      return committed.map(toPendingEvent)
    },
    markPublished: (entryIds) => timeline.markPublished(entryIds),
    noteTold(committed) {
      for (const { entry } of committed) told.add(entry.id)
    },
  }
}
