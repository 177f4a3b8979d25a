/**
 * What counts as unread: messages. Edits and reactions will not; and a deleted message is taken away from those who
 * have not read it, by its seq, not from the counts (see `unread.ts`).
 */
export const countedKinds: readonly string[] = ['message-created']
