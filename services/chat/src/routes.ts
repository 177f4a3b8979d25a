import { messageFromEntry } from '@parley/contracts/fold.ts'
import { getConversation, getHeads, listConversations } from '@parley/contracts/conversations.ts'
import {
  type DirectHistoryResponse,
  getDirectHistory,
  getHistory,
  sendCommand,
  sendDirect,
  sendMessage,
} from '@parley/contracts/messages.ts'
import { advanceReceipt } from '@parley/contracts/receipts.ts'
import { getTimeline } from '@parley/contracts/timeline.ts'
import type { Routes } from '@parley/platform/http/routes.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { Router } from 'express'
import type { ConversationAccess } from './conversations/conversation-access.ts'
import { directConversationId } from './conversations/direct-conversation.ts'
import type { GetHeads } from './conversations/get-heads.ts'
import type { ListConversations } from './conversations/list-conversations.ts'
import type { EpochStore } from './epoch/epoch-store.ts'
import type { UserLimits } from './limits/user-limits.ts'
import type { AdvanceReceipt } from './receipts/advance-receipt.ts'
import type { ReadTimeline } from './timeline/read-timeline.ts'
import type { SendMessage } from './timeline/send-message.ts'

export interface ChatUseCases {
  readonly access: ConversationAccess
  readonly send: SendMessage
  readonly read: ReadTimeline
  readonly list: ListConversations
  readonly heads: GetHeads
  readonly advance: AdvanceReceipt
  readonly limits: Pick<UserLimits, 'countRead'>
  readonly epoch: Pick<EpochStore, 'current'>
}

const neverSpoke: DirectHistoryResponse = { conversation: null, messages: [], nextBefore: null }

export function createChatRouter(routes: Routes, useCases: ChatUseCases): Router {
  const { access, send, read, list, heads, advance, limits } = useCases
  /** Which data an answer is from, for those who keep positions in it. */
  const withEpoch = async <T>(answer: Promise<T>) => ({
    ...(await answer),
    epoch: await useCases.epoch.current(),
  })

  routes.add(sendDirect, async ({ caller, body }) => {
    const { sender, receiver, messageDetails, clientId } = body
    if (sender !== caller.userId) throw new ParleyError('sender-mismatch')
    const content = { text: messageDetails.text, clientId }
    const { entry, replayed, conversation } = await send.toPerson(caller, receiver, content)
    return { status: replayed ? 200 : 201, body: { message: messageFromEntry(entry), conversation } }
  })

  routes.add(getDirectHistory, async ({ caller, params, query }) => {
    limits.countRead(caller.userId)
    const { senderId, receiverId } = params
    if (![senderId, receiverId].includes(caller.userId)) throw new ParleyError('not-a-participant')
    const conversation = await access.find(directConversationId(senderId, receiverId))
    if (conversation === undefined) {
      return { status: 200, body: neverSpoke }
    }
    return { status: 200, body: { conversation, ...(await read.history(conversation.id, query)) } }
  })

  routes.add(sendMessage, async ({ caller, params, body }) => {
    const { entry, replayed } = await send.intoConversation(caller, params.id, body)
    return { status: replayed ? 200 : 201, body: { entry } }
  })

  routes.add(sendCommand, async ({ caller, body }) => {
    const { entry, replayed } = await send.byCommand(caller, body)
    return { status: replayed ? 200 : 201, body: { entry } }
  })

  routes.add(getHistory, async ({ caller, params, query }) => {
    limits.countRead(caller.userId)
    const { id } = await access.require(caller.userId, params.id)
    return { status: 200, body: await withEpoch(read.history(id, query)) }
  })

  routes.add(getTimeline, async ({ caller, params, query }) => {
    limits.countRead(caller.userId)
    const { id } = await access.require(caller.userId, params.id)
    return { status: 200, body: await withEpoch(read.after(id, query)) }
  })

  routes.add(listConversations, async ({ caller, query }) => {
    limits.countRead(caller.userId)
    return { status: 200, body: await withEpoch(list.list(caller, query)) }
  })

  routes.add(getConversation, async ({ caller, params }) => {
    limits.countRead(caller.userId)
    return { status: 200, body: { conversation: await list.get(caller, params.id) } }
  })

  routes.add(getHeads, async ({ caller, query }) => {
    limits.countRead(caller.userId)
    return { status: 200, body: await withEpoch(heads(caller.userId, query.cursor)) }
  })

  routes.add(advanceReceipt, async ({ caller, params, body }) => ({
    status: 200,
    body: await advance(caller, params.id, body),
  }))

  return routes.router
}
