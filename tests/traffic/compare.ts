import type { Acked, DroppedView, SeenEntry, View } from './protocol.ts'
import { isRolledBack, type RollBack } from './roll-back.ts'

export interface StoredConversation {
  readonly id: string
  readonly memberIds: readonly string[]
  /** By seq. */
  readonly entries: readonly SeenEntry[]
}

export interface Comparison {
  readonly counts: {
    readonly accepted: number
    /** Accepted, and gone since a backup of before was restored. */
    readonly rolledBack: number
    readonly stored: number
    /** Deliveries that the views should hold, and those that they do. */
    readonly expected: number
    readonly seen: number
    /** Accepted but not stored, or stored but not in a member's view. */
    readonly lost: number
    /** One clientId stored twice, or one entry shown twice. */
    readonly doubled: number
    /** Shown behind a higher seq, a seq that is not dense, or a sender's order not kept. */
    readonly outOfOrder: number
    /** Shown but never accepted or stored, shown to a stranger, or not as it was stored. */
    readonly wrong: number
  }
  /** What is behind the counts, with ids. */
  readonly findings: readonly string[]
}

/**
 * Holds what senders were told and what every client showed against the database.
 * @param sendOrder the clientIds in the order in which their senders said them
 * @param dropped what clients showed before they began anew; of that, and of what was accepted, only what restores
 *   of backups have rolled back may be missing from the database
 */
export function compare({
  stored,
  views,
  acked,
  sendOrder,
  dropped = [],
  rollBacks = [],
}: {
  stored: readonly StoredConversation[]
  views: readonly View[]
  acked: readonly (SeenEntry & Partial<Pick<Acked, 'ackedAt'>>)[]
  sendOrder: readonly string[]
  dropped?: readonly DroppedView[]
  rollBacks?: readonly RollBack[]
}): Comparison {
  const findings: string[] = []
  const counts = {
    accepted: 0,
    rolledBack: 0,
    stored: 0,
    expected: 0,
    seen: 0,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    wrong: 0,
  }
  type Fault = 'lost' | 'doubled' | 'outOfOrder' | 'wrong'
  const note = (fault: Fault, what: string): void => {
    counts[fault] += 1
    findings.push(`${fault}: ${what}`)
  }

  const byId = new Map(stored.flatMap(({ entries }) => entries.map((entry) => [entry.id, entry] as const)))
  const members = new Map(stored.map(({ id, memberIds }) => [id, new Set(memberIds)]))
  const position = new Map(sendOrder.map((clientId, index) => [clientId, index]))
  counts.stored = stored.reduce((sum, { entries }) => sum + entries.length, 0)

  for (const { id, entries } of stored) {
    const clientIds = new Set<string>()
    const lastOf = new Map<string, number>()
    entries.forEach(({ seq, senderId, clientId }, index) => {
      if (seq !== index + 1) note('outOfOrder', `conversation ${id} has seq ${seq} in place ${index + 1}`)
      const key = `${senderId}/${clientId}`
      if (clientIds.has(key)) note('doubled', `conversation ${id} stores ${key} twice`)
      clientIds.add(key)
      const place = position.get(clientId) ?? -1
      if (place < (lastOf.get(senderId) ?? -1))
        note('outOfOrder', `conversation ${id} has ${clientId} too late`)
      lastOf.set(senderId, place)
    })
  }

  const accepted = new Map<string, string>()
  const rolledBack = new Map<string, string>()
  for (const ack of acked) {
    const entry = byId.get(ack.id)
    if (entry === undefined && isRolledBack(rollBacks, ack, ack.ackedAt ?? 0)) {
      rolledBack.set(ack.id, ack.clientId)
      continue
    }
    if (entry === undefined) note('lost', `entry ${ack.id} was accepted, but it is not stored`)
    else if (!isSame(entry, ack)) note('wrong', `entry ${ack.id} is not stored as it was accepted`)
    const before = accepted.get(ack.clientId)
    if (before !== undefined && before !== ack.id)
      note('doubled', `${ack.clientId} was accepted as two entries`)
    accepted.set(ack.clientId, ack.id)
  }
  counts.accepted = new Set([...accepted.keys(), ...rolledBack.values()]).size
  counts.rolledBack = rolledBack.size

  /** Returns the ids that a view holds. @param isGone whether the entry in this place may be missing from the database */
  function checkView(view: View, isGone: (entry: SeenEntry, index: number) => boolean): Set<string> {
    const seen = new Set<string>()
    const heads = new Map<string, number>()
    view.entries.forEach((entry, index) => {
      const where = `user ${view.userId}, entry ${entry.id}`
      const original = byId.get(entry.id)
      const gone = original === undefined && isGone(entry, index)
      if (original === undefined) {
        if (!gone) note('wrong', `${where}: was never stored`)
      } else if (!accepted.has(entry.clientId)) note('wrong', `${where}: was never accepted`)
      else if (!isSame(original, entry)) note('wrong', `${where}: differs from what is stored`)
      if (!gone && members.get(entry.conversationId)?.has(view.userId) !== true)
        note('wrong', `${where}: is a stranger’s`)
      if (seen.has(entry.id)) note('doubled', `${where}: was shown twice`)
      if (entry.seq <= (heads.get(entry.conversationId) ?? 0))
        note('outOfOrder', `${where}: seq ${entry.seq}`)
      seen.add(entry.id)
      heads.set(entry.conversationId, entry.seq)
    })
    return seen
  }

  for (const { shownAt, ...view } of dropped)
    checkView(view, (entry, index) => isRolledBack(rollBacks, entry, shownAt[index] ?? 0))
  for (const view of views) {
    const seen = checkView(view, () => false)
    counts.seen += view.entries.length
    for (const { memberIds, entries } of stored) {
      if (!memberIds.includes(view.userId)) continue
      counts.expected += entries.length
      for (const { id } of entries)
        if (!seen.has(id)) note('lost', `user ${view.userId} never saw entry ${id}`)
    }
  }
  return { counts, findings }
}

const isSame = (one: SeenEntry, other: SeenEntry): boolean =>
  one.conversationId === other.conversationId &&
  one.seq === other.seq &&
  one.senderId === other.senderId &&
  one.clientId === other.clientId &&
  one.textHash === other.textHash
