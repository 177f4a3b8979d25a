import type { SeenEntry, View } from './protocol.ts'

export interface StoredConversation {
  readonly id: string
  readonly memberIds: readonly string[]
  /** By seq. */
  readonly entries: readonly SeenEntry[]
}

export interface Comparison {
  readonly counts: {
    readonly accepted: number
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
 */
export function compare({
  stored,
  views,
  acked,
  sendOrder,
}: {
  stored: readonly StoredConversation[]
  views: readonly View[]
  acked: readonly SeenEntry[]
  sendOrder: readonly string[]
}): Comparison {
  const findings: string[] = []
  const counts = {
    accepted: 0,
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
  for (const ack of acked) {
    const entry = byId.get(ack.id)
    if (entry === undefined) note('lost', `entry ${ack.id} was accepted, but it is not stored`)
    else if (!isSame(entry, ack)) note('wrong', `entry ${ack.id} is not stored as it was accepted`)
    const before = accepted.get(ack.clientId)
    if (before !== undefined && before !== ack.id)
      note('doubled', `${ack.clientId} was accepted as two entries`)
    accepted.set(ack.clientId, ack.id)
  }
  counts.accepted = accepted.size

  for (const view of views) {
    const seen = new Set<string>()
    const heads = new Map<string, number>()
    counts.seen += view.entries.length
    for (const entry of view.entries) {
      const where = `user ${view.userId}, entry ${entry.id}`
      const original = byId.get(entry.id)
      if (original === undefined) note('wrong', `${where}: was never stored`)
      else if (!accepted.has(entry.clientId)) note('wrong', `${where}: was never accepted`)
      else if (!isSame(original, entry)) note('wrong', `${where}: differs from what is stored`)
      if (members.get(entry.conversationId)?.has(view.userId) !== true)
        note('wrong', `${where}: is a stranger’s`)
      if (seen.has(entry.id)) note('doubled', `${where}: was shown twice`)
      if (entry.seq <= (heads.get(entry.conversationId) ?? 0))
        note('outOfOrder', `${where}: seq ${entry.seq}`)
      seen.add(entry.id)
      heads.set(entry.conversationId, entry.seq)
    }
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
