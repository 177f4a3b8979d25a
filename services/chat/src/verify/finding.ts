/** What can be found, by codes that stay as they are: alarms and scripts may rely on them. */
export const findingCodes = {
  'storage-fault': 'the database lacks an index, has another schema, or its file is damaged',
  'entry-malformed': 'an entry is not what the contract says',
  'entry-id-duplicate': 'several entries have one id',
  'seq-hole': 'seqs are missing between entries, or before the first one',
  'seq-duplicate': 'several entries of a conversation have one seq',
  'client-key-duplicate': 'a sender’s clientId was accepted more than once in a conversation',
  'sender-not-member': 'an entry was sent by somebody who is not a member',
  'reply-unknown': 'a message answers none that came before it in its conversation',
  'event-stuck': 'the event of an entry has been waiting to be published for too long',
  'mark-unreadable': 'a mark says neither pending nor published, so no sweep sees it',
  'conversation-missing': 'there are entries, but not their conversation',
  'conversation-malformed': 'a conversation is not what the contract says',
  'members-wrong': 'a direct conversation has not two members, or an id that does not follow from them',
  'members-unlisted': 'a conversation is listed for others than its members',
  'member-unknown': 'a member is not in the directory of people',
  'head-behind': 'the head of a conversation is less than the seq of its last entry',
  'head-ahead': 'the head of a conversation is more than the seq of its last entry: entries may be lost',
  'changed-at-behind': 'a conversation has no place among changes, so no client compares its head',
  'unread-miscounted': 'what counts as unread in a conversation is not what its entries say',
  'receipt-malformed': 'a watermark is stored under another name than its own',
  'receipt-orphan': 'there is a watermark, but not its conversation',
  'receipt-not-member': 'a watermark belongs to somebody who is not a member',
  'receipt-out-of-bounds': 'a watermark is not 0 ≤ read ≤ delivered ≤ head',
  'receipt-miscounted': 'what a member has read of others is not what the entries say',
  'receipt-event-stuck': 'the event of a watermark has been waiting to be published for too long',
  'usage-miscounted': 'more is counted as stored by a user than there is, and may be held against them',
} as const
export type FindingCode = keyof typeof findingCodes

/** One promise that the stored data breaks, and where. */
export interface Finding {
  readonly code: FindingCode
  readonly conversationId?: string
  readonly seq?: number
  readonly entryId?: string
  readonly userId?: string
  readonly expected: string
  readonly found: string
}

/** The same for the same fault, however often it is looked at. */
export const identityOf = ({ code, conversationId, seq, entryId, userId, found }: Finding): string => {
  const isNowhere = conversationId === undefined && userId === undefined
  return JSON.stringify([code, conversationId, seq, entryId, userId, isNowhere ? found : null])
}
