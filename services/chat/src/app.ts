import type { SendMessageCommand } from '@parley/contracts/messages.ts'
import type { AdvanceReceiptCommand, ReceiptResponse } from '@parley/contracts/receipts.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { EventBus } from '@parley/platform/events/event-bus.ts'
import { createRelay, type RelayMetrics } from '@parley/platform/events/relay.ts'
import { type Failpoints, noFailpoints } from '@parley/platform/failpoints.ts'
import { createRoutes } from '@parley/platform/http/routes.ts'
import { type BucketsFor, createBucketsFor } from '@parley/platform/limits/buckets.ts'
import type { Logger } from '@parley/platform/log.ts'
import type { SecurityLog } from '@parley/platform/security-log.ts'
import type { Caller, VerifyToken } from '@parley/platform/tokens/verify-token.ts'
import type { Router } from 'express'
import type { ChatConfig } from './config.ts'
import { createConversationAccess } from './conversations/conversation-access.ts'
import { createGetHeads } from './conversations/get-heads.ts'
import { createListConversations } from './conversations/list-conversations.ts'
import { createUnread } from './unread/unread.ts'
import { announceEpoch } from './epoch/announce-epoch.ts'
import { createUserLimits } from './limits/user-limits.ts'
import { createReceiptOutbox, toPendingReceipt } from './outbox/receipt-outbox.ts'
import { createTimelineOutbox, toPendingEvent } from './outbox/timeline-outbox.ts'
import { createPeople, type FindPerson } from './people/people.ts'
import { createAdvanceReceipt } from './receipts/advance-receipt.ts'
import { createChatRouter } from './routes.ts'
import type { ChatStores } from './stores.ts'
import { createReadTimeline } from './timeline/read-timeline.ts'
import { createSendMessage } from './timeline/send-message.ts'
import { createTimeline } from './timeline/timeline.ts'
import { createUsage } from './usage/usage.ts'

export interface Chat {
  readonly router: Router
  /** Begins to listen to events, and publishes what an earlier run left pending. */
  start(): Promise<void>
  /** Publishes what is under way; call it once no more requests come in. */
  close(): Promise<void>
  // What a gateway asks for, on behalf of the caller whose token it verified.
  sendMessage(caller: Caller, command: SendMessageCommand): Promise<TimelineEntry>
  advanceReceipt(caller: Caller, command: AdvanceReceiptCommand): Promise<ReceiptResponse>
  memberIds(caller: Caller, conversationId: string): Promise<readonly string[]>
}

/**
 * The chat service: the only writer of conversations and their timelines.
 * @param bucketsFor makes the limits of users; several processes need some that they settle with each other
 */
export function createChat({
  config,
  stores,
  verifyToken,
  findPerson,
  bus,
  logger,
  relayMetrics,
  bucketsFor = createBucketsFor(),
  failpoints = noFailpoints,
  security,
}: {
  config: ChatConfig
  stores: ChatStores
  verifyToken: VerifyToken
  findPerson: FindPerson
  bus: EventBus
  logger: Logger
  relayMetrics: RelayMetrics
  bucketsFor?: BucketsFor
  failpoints?: Failpoints
  security?: SecurityLog
}): Chat {
  const { conversations, timeline: store, receipts } = stores
  const access = createConversationAccess({ conversations })
  const limits = createUserLimits({ config, bucketsFor })
  const usage = createUsage({ store: stores.usage, limit: config.STORED_BYTES_PER_USER, logger })
  const people = createPeople({ directory: stores.people, findPerson })

  const relaying = {
    bus,
    logger,
    metrics: relayMetrics,
    lease: stores.sweepLease,
    sweepMs: config.OUTBOX_SWEEP_MS,
  }
  const timelineOutbox = createTimelineOutbox({
    timeline: store,
    conversations,
    access,
    afterMs: config.OUTBOX_SWEEP_AFTER_MS,
    logger,
  })
  const timelineRelay = createRelay({ ...relaying, name: 'timeline', failpoints, outbox: timelineOutbox })
  const receiptRelay = createRelay({
    ...relaying,
    name: 'receipts',
    outbox: createReceiptOutbox({ receipts, access }),
  })

  const timeline = createTimeline({
    store,
    conversations,
    logger,
    failpoints,
    maxWaiting: config.SENDS_MAX_WAITING,
    maxWaitMs: config.SENDS_MAX_WAIT_MS,
    onCommitted(committed) {
      timelineOutbox.noteTold(committed)
      timelineRelay.offer(committed.map(toPendingEvent))
    },
  })
  const advance = createAdvanceReceipt({
    access,
    conversations,
    receipts,
    timeline: store,
    limits,
    onAdvanced: (watermark, memberIds) => receiptRelay.offer([toPendingReceipt(watermark, memberIds)]),
  })
  const send = createSendMessage({ access, people, timeline, store, limits, usage, security })
  const unread = createUnread({ conversations, timeline: store, receipts, unread: stores.unread })
  const list = createListConversations({ conversations, timeline: store, receipts, people, unread })
  const read = createReadTimeline({ store })
  const heads = createGetHeads({ conversations })

  const routes = createRoutes({
    verifyToken,
    maxRequestsPerUser: config.HTTP_MAX_REQUESTS_PER_USER,
    onRead: (userId, bytes) => limits.countAnswer(userId, bytes),
  })
  let unsubscribe: (() => Promise<void>) | undefined

  return {
    router: createChatRouter(routes, {
      access,
      send,
      read,
      list,
      heads,
      advance,
      limits,
      epoch: stores.epoch,
    }),
    async start() {
      unsubscribe = await bus.subscribe({
        queue: 'chat.people',
        types: ['users.user-registered.v1'],
        handle: ({ data }) => people.put(data.user),
      })
      await Promise.all([timelineRelay.start(), receiptRelay.start()])
      await announceEpoch({ epochs: stores.epoch, bus, logger })
    },
    async close() {
      await timeline.idle()
      await usage.close()
      await Promise.all([timelineRelay.close(), receiptRelay.close()])
      await stores.sweepLease.release()
      await unsubscribe?.()
    },
    async sendMessage(caller, command) {
      return (await send.byCommand(caller, command)).entry
    },
    advanceReceipt: (caller, { conversationId, ...to }) => advance(caller, conversationId, to),
    async memberIds(caller, conversationId) {
      return (await access.require(caller.userId, conversationId)).memberIds
    },
  }
}
