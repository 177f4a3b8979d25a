import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Logger } from '@parley/platform/log.ts'
import { openMongo } from '@parley/platform/mongo/open-mongo.ts'
import { openSqlite } from '@parley/platform/sqlite.ts'
import { chatMigrations } from '../stores.sqlite.ts'
import { createMongoChatReader } from './chat-reader.mongo.ts'
import { createSqliteChatReader } from './chat-reader.sqlite.ts'
import type { ChatReader } from './chat-reader.ts'
import { createMongoChatRepairs } from './chat-repairs.mongo.ts'
import { createSqliteChatRepairs } from './chat-repairs.sqlite.ts'
import type { ChatRepairs } from './chat-repairs.ts'
import { OwnError } from '@parley/platform/own-error.ts'
import { errorInWords } from '@parley/platform/log-errors/describe-error.ts'

/** The data of a chat service, to verify it and perhaps to repair it. */
export interface ChatData {
  readonly reader: ChatReader
  /** Only where it was opened to be repaired. */
  readonly repairs?: ChatRepairs
  close(): Promise<void>
}

/** The data cannot be looked at; the message says why. */
export class ChatDataError extends OwnError {}

/**
 * Opens the database file of an embedded chat beside whoever uses it, which SQLite allows: readers disturb
 * nobody, and the few writes of a repair wait their turn. Without `repair` nothing can be written.
 * @throws ChatDataError
 */
export function openSqliteChatData(file: string, { repair }: { repair: boolean }): ChatData {
  if (!existsSync(file)) throw new ChatDataError(`there is no ${file}`)
  const reading = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  try {
    const version = Number(reading.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version !== chatMigrations.length) {
      const known = `this program knows version ${chatMigrations.length}`
      throw new ChatDataError(`${file} is at version ${version}, and ${known}`)
    }
    const writing = repair ? openSqlite(file, chatMigrations) : undefined
    return {
      reader: createSqliteChatReader(reading, chatMigrations),
      ...(writing && { repairs: createSqliteChatRepairs(writing) }),
      async close() {
        writing?.close()
        reading.close()
      },
    }
  } catch (error) {
    reading.close()
    throw error
  }
}

/** @throws ChatDataError when the database does not answer */
export async function openMongoChatData(
  url: string,
  { repair, logger }: { repair: boolean; logger: Logger },
): Promise<ChatData> {
  const connection = await openMongo(url, { logger }).catch((cause: unknown) => {
    throw new ChatDataError(`MongoDB cannot be reached: ${errorInWords(cause)}`, { cause })
  })
  return {
    reader: createMongoChatReader(connection),
    ...(repair && { repairs: createMongoChatRepairs(connection) }),
    close: () => connection.close(),
  }
}
