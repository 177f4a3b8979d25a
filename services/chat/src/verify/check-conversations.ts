import { conversation as contract } from '@parley/contracts/conversations.ts'
import { directConversationId } from '../conversations/direct-conversation.ts'
import { createCountsCheck } from './check-counts.ts'
import type { ChatReader, NewestEntry, StoredConversation } from './chat-reader.ts'
import type { Finding } from './finding.ts'
import type { Inspect } from './look-twice.ts'

/**
 * Conversations: well-formed, of two people who are known, folded and counted as their timeline says.
 *
 * A fold may be late: it follows the commit, and after a crash the sweep makes it up. But an event is only
 * published after it. So a head is ahead when it was read before the timeline and has more; it is behind when
 * it was read after the timeline and has less, although the event is published or older than `pendingMs`.
 */
export function createConversationCheck({
  reader,
  pendingMs,
}: {
  reader: ChatReader
  pendingMs: number
}): Inspect<StoredConversation> {
  return async (conversations) => {
    const ids = conversations.map(({ id }) => id)
    const newest = new Map((await reader.newest(ids)).map((entry) => [entry.conversationId, entry]))
    const readAfter = new Map((await reader.conversationsById(ids)).map((each) => [each.id, each]))
    const memberIds = new Set(conversations.flatMap((each) => each.memberIds))
    const known = await reader.knownPeople([...memberIds])
    const settledBefore = Date.now() - pendingMs

    const counts = createCountsCheck(reader)
    const miscounted: Finding[] = []
    for (const conversation of conversations) miscounted.push(...(await counts.ofConversation(conversation)))

    const findings = conversations.flatMap((conversation) => [
      ...shapeFaults(conversation),
      ...headAhead(conversation, newest.get(conversation.id)),
      ...foldBehind(
        readAfter.get(conversation.id) ?? conversation,
        newest.get(conversation.id),
        settledBefore,
      ),
      ...unknownMembers(conversation, known, settledBefore),
    ])
    return [...findings, ...miscounted]
  }
}

function shapeFaults(stored: StoredConversation): Finding[] {
  const { id, kind, memberIds, listedFor } = stored
  const findings: Finding[] = []
  const [issue] = contract.safeParse(stored).error?.issues ?? []
  if (issue !== undefined) {
    findings.push({
      code: 'conversation-malformed',
      conversationId: id,
      expected: 'a conversation as in the contract',
      found: `${issue.path.join('.')}: ${issue.message}`,
    })
  }
  const [one, other] = memberIds
  const areTwo = memberIds.length === 2 && one !== other
  if (kind === 'direct' && !(areTwo && directConversationId(one!, other!) === id)) {
    findings.push({
      code: 'members-wrong',
      conversationId: id,
      expected: 'two different members, from whom the id follows',
      found: memberIds.join(', ') || 'nobody',
    })
  }
  if (!isSameSet(listedFor, memberIds)) {
    findings.push({
      code: 'members-unlisted',
      conversationId: id,
      expected: `listed for ${memberIds.join(', ')}`,
      found: listedFor.join(', ') || 'nobody',
    })
  }
  return findings
}

function headAhead({ id, head }: StoredConversation, newest: NewestEntry | undefined): Finding[] {
  const last = newest?.seq ?? 0
  if (Number.isSafeInteger(head) && head <= last) return []
  const found = `head ${head}, and a last entry with seq ${last}`
  return [{ code: 'head-ahead', conversationId: id, expected: `head ${last}`, found }]
}

/** @param settledBefore a pending entry may have no fold yet when it was accepted after this */
function foldBehind(
  { id, head, changedAt }: StoredConversation,
  newest: NewestEntry | undefined,
  settledBefore: number,
): Finding[] {
  const isYoung = newest !== undefined && Date.parse(newest.at) > settledBefore
  if (newest?.mark === 'pending' && isYoung) return []
  const findings: Finding[] = []
  if (newest !== undefined && !(head >= newest.seq)) {
    const expected = `head ${newest.seq}`
    findings.push({
      code: 'head-behind',
      conversationId: id,
      expected,
      found: `head ${head}`,
    })
  }
  // By its own clock: how a position compares with the time of an entry says nothing.
  if (!(Number.isSafeInteger(changedAt) && changedAt >= 0)) {
    const expected = 'a position of change'
    findings.push({ code: 'changed-at-behind', conversationId: id, expected, found: String(changedAt) })
  }
  return findings
}

/** The news of a person may arrive after the first message to them. */
function unknownMembers(
  { id, memberIds, createdAt }: StoredConversation,
  known: ReadonlySet<string>,
  settledBefore: number,
): Finding[] {
  if (Date.parse(createdAt) > settledBefore) return []
  const expected = 'a person in the directory'
  return memberIds
    .filter((userId) => !known.has(userId))
    .map((userId) => ({ code: 'member-unknown', conversationId: id, userId, expected, found: 'nobody' }))
}

const isSameSet = (some: readonly string[], others: readonly string[]): boolean =>
  some.every((each) => others.includes(each)) && others.every((each) => some.includes(each))
