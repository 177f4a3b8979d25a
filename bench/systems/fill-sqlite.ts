import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { directConversation } from '@parley/chat/conversations/direct-conversation.ts'
import type { Person } from '@parley/contracts/users.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'

/** A conversation between two people with so many messages, in turn by one and the other. */
export interface Filled {
  readonly members: readonly [string, string]
  readonly entries: number
}

/** An id as auth and chat make them; `number` makes it another one. */
const idExpression = (number: string): string =>
  `printf('0198c5c0-%04x-7%03x-8000-%012x', (${number} >> 12) & 65535, ${number} & 4095, ${number})`

/**
 * Writes conversations straight into the chat service's database file, through its own tables, as if all of it had
 * been published long ago. Nobody else may have the file open.
 * @param strangers members whom only chat's directory knows: they cannot log in
 * @returns the ids of the conversations
 */
export async function fillSqlite(
  dataFolder: string,
  conversations: readonly Filled[],
  strangers: readonly Person[] = [],
): Promise<string[]> {
  const file = join(dataFolder, 'chat.sqlite')
  const stores = openSqliteChatStores(file)
  const created = conversations.map(({ members }) => directConversation(...members))
  for (const person of strangers) await stores.people.put(person)
  for (const conversation of created) await stores.conversations.create(conversation)
  const began = Date.now() - 86_400_000

  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = OFF; BEGIN')
  const insert = database.prepare(
    `WITH RECURSIVE numbers (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < :entries)
     INSERT INTO entries (conversation_id, seq, id, kind, sender_id, client_id, at, body, pending)
     SELECT :conversation, seq, ${idExpression('(:first + seq)')}, 'message-created',
       CASE seq % 2 WHEN 0 THEN :one ELSE :other END, printf('filled-%012d', seq),
       strftime('%Y-%m-%dT%H:%M:%fZ', (:began + seq) / 1000.0, 'unixepoch'),
       json_object('text', 'A message of ordinary length, as people write them all day. ' || seq), NULL
     FROM numbers`,
  )
  let first = 0
  for (const [index, { members, entries }] of conversations.entries()) {
    const [one, other] = members
    insert.run({ entries, conversation: created[index]!.id, first, one, other, began })
    first += entries
  }
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()

  await stores.conversations.advanceTo(
    conversations.map(({ entries }, index) => ({
      conversationId: created[index]!.id,
      head: entries,
      changedAt: began + entries,
    })),
  )
  await stores.close()
  return created.map(({ id }) => id)
}
