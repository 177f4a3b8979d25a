import mongoose, { type Connection } from 'mongoose'
import { conversationModel, createMongoConversationStore } from '../conversations/conversation-store.mongo.ts'
import { createMongoReceiptStore, receiptModel } from '../receipts/receipt-store.mongo.ts'
import { createMongoTimelineStore } from '../timeline/timeline-store.mongo.ts'
import { countBetween, othersThan } from './count-between.ts'

const { trusted } = mongoose
const pageSize = 200

/**
 * Counts what counts as unread where nobody has, as in a database of an earlier release. It can be broken off and
 * run again. What a replica of that release writes beside it, also afterwards, is counted when somebody asks for it.
 */
export async function fillCounts(connection: Connection): Promise<void> {
  const timeline = createMongoTimelineStore(connection)
  const conversations = createMongoConversationStore(connection)
  const receipts = createMongoReceiptStore(connection)

  await eachUncounted(
    (after) =>
      conversationModel(connection)
        .find({ _id: trusted({ $gt: after }), head: trusted({ $gt: 0 }), countedTo: null }, { head: 1 })
        .sort({ _id: 1 })
        .limit(pageSize)
        .lean(),
    async ({ _id: id, head }) => {
      const of = await countBetween(timeline, id, 0, head)
      await conversations.putCounts(id, { to: head, all: othersThan('', of), of })
    },
  )
  await eachUncounted(
    (after) =>
      receiptModel(connection)
        .find(
          { _id: trusted({ $gt: after }), read: trusted({ $gt: 0 }), othersReadTo: null },
          { conversationId: 1, userId: 1, read: 1 },
        )
        .sort({ _id: 1 })
        .limit(pageSize)
        .lean(),
    async ({ conversationId, userId, read }) => {
      const others = othersThan(userId, await countBetween(timeline, conversationId, 0, read))
      await receipts.noteOthersRead({ conversationId, userId, read, others })
    },
  )
}

async function eachUncounted<D extends { readonly _id: string }>(
  read: (after: string) => PromiseLike<D[]>,
  count: (document: D) => Promise<void>,
): Promise<void> {
  let page: D[]
  let after = ''
  do {
    page = await read(after)
    // One after the other: the service of before may be running.
    for (const document of page) await count(document)
    const { _id: last = '' } = page.at(-1) ?? {}
    after = last
  } while (page.length === pageSize)
}
