import type { getHeads } from '@parley/contracts/conversations.ts'
import type { getTimeline, TimelineEntry } from '@parley/contracts/timeline.ts'
import { ParleyClientError } from './client-error.ts'
import { createRenewingCommand } from './connection/command.ts'
import { createConnection } from './connection/connection.ts'
import { createLimits } from './connection/limits.ts'
import { openLink, type OpenSocket } from './connection/open-link.ts'
import { createConversations } from './conversations/conversations.ts'
import type { ClientEvents, ClientState } from './events/client-events.ts'
import { createEmitter } from './events/emitter.ts'
import { createHttpClient } from './http/http-client.ts'
import { createPageSize } from './http/page-size.ts'
import { keepDeviceInMemory, type ParleyClientOptions, standardOptions, toSavedPositions } from './options.ts'
import type { ParleyClient } from './parley-client.ts'
import { createPresenceWatch } from './presence/presence-watch.ts'
import { createAdvanceReceipt } from './receipts/advance-receipt.ts'
import { createDeliveredReceipts } from './receipts/delivered-receipts.ts'
import { createSendByHttp, createSendBySocket } from './sending/send-once.ts'
import { createSender } from './sending/sender.ts'
import { createAccount } from './session/account.ts'
import { createAuthorizedCall } from './session/authorized-call.ts'
import { createSession } from './session/session.ts'
import { createBackoff } from './time/backoff.ts'
import { createLimiter } from './time/limiter.ts'
import { sleep } from './time/timers.ts'
import { createCatchUp } from './timeline/catch-up.ts'
import { createEpoch } from './timeline/epoch.ts'
import { poll } from './timeline/poll.ts'
import { createHurry, stayCurrent } from './timeline/stay-current.ts'
import { createTimelines } from './timeline/timelines.ts'
import { createUsers } from './users/users.ts'

/** How many fetches, and how many receipts, may be under way at a time. */
const concurrency = 4
/** The most that a server gives. */
const largestPage = 200

/** Puts the parts of a client together. */
export function assembleClient(options: ParleyClientOptions, openSocket: OpenSocket): ParleyClient {
  const settings: Required<ParleyClientOptions> = {
    ...standardOptions,
    device: keepDeviceInMemory(),
    ...options,
  }
  const { url, timers, random } = settings
  const saved = toSavedPositions(settings.from)
  const backoff = createBackoff(settings.backoff, random)
  const events = createEmitter<ClientEvents>()
  const report = (error: unknown): void => events.emit('error', error)

  const closing = new AbortController()
  let state: ClientState = 'offline'
  let hasBeenLive = false
  let polling: AbortController | undefined
  let online: { controller: AbortController; live: Promise<void> } | undefined

  const http = createHttpClient({
    url,
    fetch: settings.fetch,
    timers,
    silenceMs: settings.requestTimeoutMs,
    closing: closing.signal,
  })
  const session = createSession({
    http,
    timers,
    backoff,
    aroundExchange: settings.aroundExchange,
    onChange(next) {
      events.emit('session', next)
      // A failure is no harm: the gateway ends the socket when its token expires, and the client comes back.
      if (next !== undefined && connection.isConnected)
        connection.command('session:refresh', { token: next.token }).catch(report)
      // What waits for its next try finds out that there will be none.
      if (next === undefined) sender.wake()
    },
    onEnd(end) {
      goOffline()
      events.emit('session-ended', end)
    },
  })
  const call = createAuthorizedCall({ http, session, timers, backoff, closing: closing.signal })
  const limits = createLimits((limited) => events.emit('limited', limited))
  const pages = createPageSize(largestPage)

  const connection = createConnection({
    open: (link) =>
      openLink({
        url,
        openSocket,
        options: settings.socketOptions,
        timers,
        connectTimeoutMs: settings.connectTimeoutMs,
        ackTimeoutMs: settings.ackTimeoutMs,
        ...link,
      }),
    session,
    events: {
      'timeline:entry': (entry) => timelines.take(entry),
      'timeline:behind': ({ withinMs }) =>
        void sleep(timers, random() * withinMs, closing.signal).then(() => hurry.now()),
      'receipt:advanced': (receipt) => events.emit('receipt', receipt),
      typing: (typing) => events.emit('typing', typing),
      presence: (presence) => events.emit('presence', presence),
    },
    onConnecting,
    onConnected(lost) {
      stopPolling()
      setState('catching-up')
      presenceWatch.renew()
      sender.wake()
      void stayCurrent({
        catchUp,
        isFirst: !hasBeenLive,
        onLive() {
          hasBeenLive = true
          setState('live')
        },
        everyMs: settings.headsEveryMs,
        hurry,
        timers,
        random,
        signal: lost,
      })
    },
    onFailure(error, by) {
      limits.refused(error, by)
      report(error)
    },
    timers,
    backoff,
  })
  const userId = (): string => session.userId()
  const isConnected = (): boolean => connection.isConnected
  const command = createRenewingCommand(connection.command, session)

  const hurry = createHurry()
  /** The app is to be told of other data once it is known where that begins, so that what it loads leaves no gap. */
  let untoldRestart: string | undefined
  const tellRestart = (): void => {
    const found = untoldRestart
    untoldRestart = undefined
    if (found !== undefined) events.emit('restart', { epoch: found })
  }
  const epoch = createEpoch({
    epoch: saved?.epoch,
    onRestart(found) {
      timelines.restart(settings.from === 'beginning')
      delivered.forget()
      untoldRestart = found
      if (timelines.begun) tellRestart()
      hurry.now()
    },
  })
  const timelines = createTimelines({
    seqs: saved?.seqs,
    async fetchPage(id, after, signal) {
      const page = await limits.follow(
        pages.ask(largestPage, (limit) =>
          call<typeof getTimeline>(
            'get',
            '/chat/conversations/:id/timeline',
            { params: { id }, query: { after, limit } },
            signal,
          ),
        ),
      )
      // Of other data nothing is taken: beginning anew has aborted this.
      if (!signal.aborted) epoch.check(page.epoch)
      return page
    },
    handOut,
    onHoleFilled: (resync) => events.emit('resync', resync),
    onRefused: report,
    limit: createLimiter(concurrency),
    timers,
    backoff,
    graceMs: settings.holeGraceMs,
  })
  const catchUp = createCatchUp({
    cursor: saved?.cursor ?? undefined,
    epoch,
    getHeads: (cursor, signal) =>
      limits.follow(call<typeof getHeads>('get', '/chat/heads', { query: { cursor } }, signal)),
    timelines,
    onBegin: tellRestart,
    onResync: (resync) => events.emit('resync', resync),
    onFailure: report,
    timers,
    backoff,
  })

  const sendBySocket = createSendBySocket(command)
  const sender = createSender({
    bySocket: () => (connection.isConnected ? sendBySocket : undefined),
    byHttp: createSendByHttp(call, userId),
    onAccepted: (entry) => timelines.take(entry),
    onUnsent: (unsent) => events.emit('unsent', unsent),
    maxUnsent: settings.maxUnsent,
    timers,
    backoff,
  })
  const advance = createAdvanceReceipt({ isConnected, command, call })
  const delivered = createDeliveredReceipts({
    advance: (conversationId, seq) => advance(conversationId, { delivered: seq }),
    onRefused: report,
    limit: createLimiter(concurrency),
    timers,
    backoff,
  })
  const presenceWatch = createPresenceWatch({
    isConnected,
    command,
    onPresence: (presence) => events.emit('presence', presence),
    onFailure: report,
    timers,
    backoff,
    closing: closing.signal,
  })
  const account = createAccount({
    http,
    call,
    session,
    device: settings.device,
    goOffline,
    timers,
  })

  function setState(next: ClientState): void {
    if (state === next) return
    state = next
    limits.enter(next)
    events.emit('state', next)
  }

  function handOut(entry: TimelineEntry): void {
    events.emit('entry', entry)
    const isFromOthers = entry.senderId !== session.current?.user.id
    if (settings.autoDelivered && isFromOthers) delivered.note(entry.conversationId, entry.seq)
  }

  function onConnecting(): void {
    setState('connecting')
    if (polling !== undefined) return
    polling = new AbortController()
    const { signal } = polling
    const everyMs = settings.pollEveryMs
    // Where no socket could be had before, an app that comes back need not wait.
    const afterMs = limits.current === 'no-socket' ? 0 : everyMs / 2
    void poll({ catchUp, onPolled: () => limits.polled(), afterMs, everyMs, timers, random, signal })
  }

  function stopPolling(): void {
    polling?.abort()
    polling = undefined
  }

  function goOnline(): Promise<void> {
    const controller = new AbortController()
    const { signal } = controller
    const live = new Promise<void>((resolve, reject) => {
      const stop = events.on('state', (now) => {
        if (now !== 'live') return
        stop()
        resolve()
      })
      signal.addEventListener('abort', () => {
        stop()
        reject(new ParleyClientError('disconnected'))
      })
    })
    // An app that does not wait is not to be told by an unhandled rejection: there are events for that.
    live.catch(() => undefined)
    online = { controller, live }
    timelines.resume()
    delivered.resume(signal)
    void session.keepFresh(signal)
    void connection.keep(signal)
    return live
  }

  function goOffline(): void {
    online?.controller.abort()
    online = undefined
    stopPolling()
    timelines.pause()
    setState('offline')
  }

  return {
    ...account,
    get user() {
      return session.current?.user
    },
    connect() {
      if (closing.signal.aborted) return Promise.reject(closing.signal.reason as Error)
      if (online !== undefined) return online.live
      if (session.current === undefined) return Promise.reject(new ParleyClientError('not-logged-in'))
      return goOnline()
    },
    disconnect: goOffline,
    close() {
      goOffline()
      const closed = new ParleyClientError('closed')
      sender.close(closed)
      closing.abort(closed)
      events.clear()
    },
    get state() {
      return state
    },
    get limited() {
      return limits.current
    },
    on: (name, listener) => events.on(name, listener),
    send: (message, { signal } = {}) => sender.send(message, signal),
    unsent: () => sender.unsent,
    conversations: createConversations(call, pages, userId),
    users: createUsers(call),
    receipts: { advance },
    typing(conversationId, typing) {
      if (connection.isConnected) command('typing', { conversationId, typing }).catch(report)
    },
    presence: { watch: (userIds) => presenceWatch.watch(userIds) },
    position: (conversationId) => timelines.seq(conversationId),
    positions: () =>
      timelines.begun
        ? {
            ...(epoch.current !== undefined && { epoch: epoch.current }),
            cursor: catchUp.cursor ?? null,
            seqs: timelines.seqs(),
          }
        : undefined,
  }
}
