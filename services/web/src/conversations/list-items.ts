import type { ConversationSummary } from '@parley/contracts/conversations.ts'
import type { QueuedMessage } from '../conversation/outbox.ts'
import { otherId } from './summaries.ts'

/** A person in the list, and what was last said with them. */
export interface ListItem {
  readonly personId: string
  /** Undefined while nothing was accepted yet. */
  readonly conversation: ConversationSummary | undefined
  /** `at` in milliseconds since the epoch. */
  readonly last: { readonly text: string; readonly at: number; readonly isMine: boolean } | undefined
  readonly unread: number
  /** How the user's own messages stand that are not accepted: the worst of them. */
  readonly unsent: 'failed' | 'waiting' | 'sending' | undefined
}

/** The conversations, and those that are yet to begin with what waits to be sent; the latest first. */
export function toListItems(
  conversations: readonly ConversationSummary[],
  queued: readonly QueuedMessage[],
  me: string,
): ListItem[] {
  const queuedTo = new Map<string, QueuedMessage[]>()
  for (const message of queued) {
    const others = queuedTo.get(message.to)
    if (others === undefined) queuedTo.set(message.to, [message])
    else others.push(message)
  }
  const listed = conversations.map((conversation) => {
    const personId = otherId(conversation, me)
    const own = queuedTo.get(personId) ?? []
    queuedTo.delete(personId)
    return toItem(personId, conversation, own, me)
  })
  const begun = [...queuedTo].map(([personId, own]) => toItem(personId, undefined, own, me))
  // What the server has accepted keeps its order, and what is not sent yet was said last.
  return queued.length === 0 ? listed : [...begun, ...listed].toSorted((a, b) => activeAt(b) - activeAt(a))
}

function toItem(
  personId: string,
  conversation: ConversationSummary | undefined,
  queued: readonly QueuedMessage[],
  me: string,
): ListItem {
  const accepted = conversation?.lastMessage ?? undefined
  // One that is accepted is shown until its entry is here, which it may be already.
  const waiting = queued.filter(
    ({ state, clientId }) => state !== 'accepted' || clientId !== accepted?.clientId,
  )
  const newest = waiting.at(-1)
  const worst = (['failed', 'waiting', 'sending'] as const).find((one) =>
    waiting.some(({ state }) => state === one),
  )
  return {
    personId,
    conversation,
    last:
      newest !== undefined
        ? { text: newest.text, at: newest.since, isMine: true }
        : accepted && { text: accepted.text, at: Date.parse(accepted.at), isMine: accepted.senderId === me },
    unread: conversation?.unread ?? 0,
    unsent: worst,
  }
}

const activeAt = ({ last, conversation }: ListItem): number =>
  last?.at ?? Date.parse(conversation?.createdAt ?? '')
