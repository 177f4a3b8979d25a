import { DatabaseSync } from 'node:sqlite'
import type { DataFolder } from './data-folder.ts'

export interface DataCounts {
  readonly users: number
  readonly conversations: number
  readonly messages: number
}

/** What a data folder holds, in numbers. All timeline entries are messages so far, and heads count them. */
export function countData(data: Pick<DataFolder, 'file'>): DataCounts {
  const users = count(data.file('auth.sqlite'), 'SELECT count(*) FROM users')
  const conversations = count(data.file('chat.sqlite'), 'SELECT count(*) FROM conversations')
  const messages = count(data.file('chat.sqlite'), 'SELECT total(head) FROM conversations')
  return { users, conversations, messages }
}

/** It is only shown, so a file that cannot be read (its process was killed while it made the tables) has nothing. */
function count(file: string, query: string): number {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { readOnly: true })
    return Number(Object.values(database.prepare(query).get() ?? {})[0])
  } catch {
    return 0
  } finally {
    database?.close()
  }
}

/** Such as `1,204 messages`. */
const amount = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

export const countsInWords = ({ users, conversations, messages }: DataCounts): string =>
  `${amount(users, 'user')}, ${amount(conversations, 'conversation')}, ${amount(messages, 'message')}`
