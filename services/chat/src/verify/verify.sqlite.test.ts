import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { directConversation } from '../conversations/direct-conversation.ts'
import { openSqliteChatStores } from '../stores.sqlite.ts'
import { openSqliteChatData } from './open-chat-data.ts'
import { createRepairFinding } from './repair-finding.ts'
import { verifyChat } from './verify-chat.ts'
import { describeVerify, type PlantedChat } from './verify.contract.ts'

describe('the checker on SQLite', () => {
  const folder = createTemporaryFolder()
  afterAll(() => folder.remove())
  let files = 0
  const newFile = (): string => join(folder.path, `chat-${(files += 1)}.sqlite`)

  /** The server's connections, those of the checker, and one that nobody knows of. */
  async function open(): Promise<PlantedChat> {
    const file = newFile()
    const stores = openSqliteChatStores(file)
    const data = openSqliteChatData(file, { repair: true })
    const db = new DatabaseSync(file)
    const run = (sql: string, ...values: (string | number)[]): void => void db.prepare(sql).run(...values)

    return {
      stores,
      data,
      takesEqualIds: true,
      plants: {
        async dropUnique() {
          db.exec(
            `CREATE TABLE others AS SELECT * FROM entries; DROP TABLE entries; ALTER TABLE others RENAME TO entries`,
          )
        },
        async addEntry({ conversationId, seq, id, kind, senderId, clientId, at, body }) {
          const values = [
            conversationId,
            seq,
            id,
            kind,
            senderId,
            clientId,
            at,
            JSON.stringify(body),
          ] as const
          run('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)', ...values)
        },
        async changeEntry(id, { senderId, body }) {
          if (senderId !== undefined) run('UPDATE entries SET sender_id = ? WHERE id = ?', senderId, id)
          if (body !== undefined) run('UPDATE entries SET body = ? WHERE id = ?', JSON.stringify(body), id)
        },
        async breakMark(id) {
          run('UPDATE entries SET pending = 0 WHERE id = ?', id)
        },
        async removeEntry(id) {
          run('DELETE FROM entries WHERE id = ?', id)
        },
        async fold(id, { head, changedAt, counted, countedTo }) {
          function set(column: string, value: number | undefined): void {
            if (value !== undefined) run(`UPDATE conversations SET ${column} = ? WHERE id = ?`, value, id)
          }
          set('head', head)
          set('counted', counted)
          set('counted_to', countedTo)
          const move = 'UPDATE conversation_members SET changed_at = ? WHERE conversation_id = ?'
          if (changedAt !== undefined) run(move, changedAt, id)
        },
        async countOf(id, userId, counted) {
          const update =
            'UPDATE conversation_members SET counted = ? WHERE conversation_id = ? AND user_id = ?'
          run(update, counted, id, userId)
        },
        async setMembers(id, memberIds) {
          run('UPDATE conversations SET member_ids = ? WHERE id = ?', JSON.stringify(memberIds), id)
        },
        async removeConversation(id) {
          run('DELETE FROM conversation_members WHERE conversation_id = ?', id)
          run('DELETE FROM conversations WHERE id = ?', id)
        },
        async removePerson(id) {
          run('DELETE FROM people WHERE id = ?', id)
        },
      },
      async close() {
        db.close()
        await data.close()
        await stores.close()
      },
    }
  }

  describeVerify(open)

  it('finds a conversation that is listed for others than its members, and lists it for them', async () => {
    const file = newFile()
    const stores = openSqliteChatStores(file)
    const people = ['1', '2', '3'].map((digit) => `0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f1${digit}`)
    for (const id of people) await stores.people.put({ id, firstName: 'A', lastName: 'B' })
    const [one, other, stranger] = people as [string, string, string]
    const conversation = directConversation(one, other)
    await stores.conversations.create(conversation)
    const db = new DatabaseSync(file)
    db.prepare('UPDATE conversation_members SET user_id = ? WHERE user_id = ?').run(stranger, other)
    db.close()

    const data = openSqliteChatData(file, { repair: true })
    const { reader, repairs } = data
    const repair = createRepairFinding({ reader, repairs: repairs! })
    const found: object[] = []
    const options = { reader, pendingMs: 0, secondLookMs: 1, onFinding: (each: object) => found.push(each) }
    expect(await verifyChat({ ...options, repair })).toMatchObject({ findings: 1, repaired: 1 })
    expect(found).toMatchObject([
      { code: 'members-unlisted', conversationId: conversation.id, found: `${one}, ${stranger}` },
    ])
    expect(await verifyChat(options)).toMatchObject({ findings: 0 })
    expect(await stores.conversations.listFor(other, { before: undefined, limit: 9 })).toHaveLength(1)
    expect(await stores.conversations.listFor(stranger, { before: undefined, limit: 9 })).toEqual([])
    await data.close()
    await stores.close()
  })

  it('takes no file of another version, and makes none', async () => {
    const file = newFile()
    expect(() => openSqliteChatData(file, { repair: true })).toThrow(`there is no ${file}`)
    await openSqliteChatStores(file).close()
    const db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 1000')
    db.close()
    expect(() => openSqliteChatData(file, { repair: true })).toThrow(/version 1000/)
  })

  it('cannot write without being asked to repair', async () => {
    const file = newFile()
    await openSqliteChatStores(file).close()
    const data = openSqliteChatData(file, { repair: false })
    expect(data.repairs).toBeUndefined()
    await data.close()
  })
})
