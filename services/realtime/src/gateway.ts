import type { Server as HttpServer } from 'node:http'
import type { EventBus } from '@parley/platform/events/event-bus.ts'
import type { Failpoints } from '@parley/platform/failpoints.ts'
import { createTokenBuckets } from '@parley/platform/limits/token-buckets.ts'
import type { Logger } from '@parley/platform/log.ts'
import type { Metrics } from '@parley/platform/metrics.ts'
import { createSecurityLog } from '@parley/platform/security-log.ts'
import type { EndedSessions } from '@parley/platform/tokens/ended-sessions.ts'
import type { VerifyToken } from '@parley/platform/tokens/verify-token.ts'
import { Server as Engine } from 'engine.io'
import type { Router } from 'express'
import { Server, type ServerOptions } from 'socket.io'
import type { Backplane } from './backplane.ts'
import type { RealtimeConfig } from './config.ts'
import { createUpgradeAdmission } from './connection/admit-upgrade.ts'
import { createEventAnswering } from './connection/answer-events.ts'
import { closeWith, type Connection, noteAdmitted } from './connection/close-reason.ts'
import { endSockets } from './connection/end-sockets.ts'
import { refuseForeignPackets } from './connection/first-packet.ts'
import { createRoomEntry } from './connection/enter-rooms.ts'
import { createHandshake } from './connection/handshake.ts'
import { createOpenConnections } from './connection/open-connections.ts'
import type { ParleyServer } from './connection/parley-socket.ts'
import { createPlainHttpRefusal } from './connection/refuse-plain-http.ts'
import { createSocketPlaces } from './connection/socket-places.ts'
import { createTokenExpiry } from './connection/token-expiry.ts'
import { createConsumption } from './delivery/consume-while-available.ts'
import { createDelivery, deliveredTypes } from './delivery/deliver-event.ts'
import { createRecentEvents } from './delivery/recent-events.ts'
import { repeatAfterOutage } from './delivery/repeat-after-outage.ts'
import { tellBehind } from './delivery/tell-behind.ts'
import { createGatewayMetrics } from './gateway-metrics.ts'
import { createArrivals } from './presence/arrivals.ts'
import type { PresenceStore } from './presence/presence-store.ts'
import { createTypingHandler } from './presence/tell-typing.ts'
import type { TypingStore } from './presence/typing-store.ts'
import { createWatching } from './presence/watching.ts'
import type { ChatPort } from './sending/chat-port.ts'
import { createChatHandlers } from './sending/send-to-chat.ts'

/**
 * Sockets, and nothing else. What a gateway holds may be lost at any moment without harm: an ack is given
 * only for what chat has stored, and what a socket misses its client finds in the timeline.
 *
 * It does not know which Socket.IO adapter it has. So it uses rooms only (`to`, `in`, `local`), and never
 * asks other gateways for their sockets.
 */
export interface Gateway {
  /** Belongs into the app: what comes to the address of sockets and is no websocket. */
  readonly router: Router
  /**
   * Accepts sockets at once, and resolves when it has subscribed to the bus too: without the broker what is
   * sent can be accepted all the same, and what is to be delivered waits.
   */
  start(httpServer: HttpServer): Promise<void>
  /**
   * Drains, once: takes no new socket and no further event, waits for what is under way, tells every socket
   * when to come back (each another time), closes the sockets. The HTTP server stays open.
   */
  close(): Promise<void>
  /** How many sockets with a valid token this gateway has. */
  connections(): number
}

/** A connection that sends this many times its rate cap is closed. */
const floodFactor = 10

export function createGateway({
  config,
  trustedProxies,
  chat,
  verifyToken,
  ended,
  presence,
  typing,
  bus,
  logger,
  metrics: registry,
  adapter,
  backplane,
  failpoints,
}: {
  config: RealtimeConfig
  /** How many proxies in front may say who the client is. */
  trustedProxies: number
  chat: ChatPort
  /** Refuses tokens of sessions that have ended. */
  verifyToken: VerifyToken
  /** Which those are; their sockets are closed. */
  ended: EndedSessions
  presence: PresenceStore
  typing: TypingStore
  bus: EventBus
  logger: Logger
  metrics: Metrics
  /** As Socket.IO takes it; in memory without one. */
  adapter?: ServerOptions['adapter'] | undefined
  /** Of the adapter; while it is not available, events stay with the bus. Without one this is the only gateway. */
  backplane?: Backplane | undefined
  failpoints?: Failpoints
}): Gateway {
  let accepting = false
  let closing: Promise<void> | undefined

  const metrics = createGatewayMetrics(registry)
  const security = createSecurityLog({ logger, metrics: registry })
  const engine = new Engine({
    transports: ['websocket'],
    allowUpgrades: false,
    // Costs five to seven times the CPU of a delivery.
    perMessageDeflate: false,
    maxHttpBufferSize: config.SOCKET_MAX_PAYLOAD_BYTES,
    pingInterval: config.PING_INTERVAL_MS,
    pingTimeout: config.PING_TIMEOUT_MS,
  })
  const io: ParleyServer = new Server({
    serveClient: false,
    connectTimeout: config.HANDSHAKE_TIMEOUT_MS,
    ...(adapter === undefined ? {} : { adapter }),
  })
  const places = createSocketPlaces({
    most: config.SOCKETS_MAX,
    mostOfNetwork: config.SOCKETS_PER_ADDRESS,
    mostOfUser: config.SOCKETS_PER_USER,
  })
  const admit = createUpgradeAdmission({
    allowedOrigins: config.ALLOWED_ORIGINS,
    accepting: () => accepting,
    places,
    trustedProxies,
    metrics,
    security,
  })
  const connections = createOpenConnections(
    {
      packetsPerSecond: config.SOCKET_EVENTS_PER_SECOND * floodFactor,
      packetBurst: config.SOCKET_EVENTS_BURST * floodFactor,
      bufferedPackets: config.SOCKET_MAX_BUFFERED_PACKETS,
      bufferedBytes: config.SOCKET_MAX_BUFFERED_BYTES,
      bufferedBytesInTotal: config.SOCKETS_MAX_BUFFERED_BYTES,
    },
    metrics,
    security,
  )
  const expiry = createTokenExpiry({ verifyToken })
  const overdue = endSockets({ io, ended })
  const enterRooms = createRoomEntry(backplane?.joined)
  const heartbeatMs = config.PRESENCE_TTL_MS / 3
  const arrivals = createArrivals({
    io,
    store: presence,
    logger,
    heartbeatMs,
    graceMs: config.PRESENCE_GRACE_MS,
  })
  const watching = createWatching({
    io,
    store: presence,
    enterRooms,
    logger,
    recheckMs: heartbeatMs,
    ids: createTokenBuckets({ perSecond: config.PRESENCE_IDS_PER_SECOND, burst: config.PRESENCE_IDS_BURST }),
  })
  const answering = createEventAnswering({
    handlers: {
      ...createChatHandlers(chat),
      typing: createTypingHandler({ io, chat, store: typing, memberCacheMs: config.MEMBER_CACHE_MS }),
      'presence:watch': watching.watch,
      'session:refresh': expiry.refresh,
    },
    perSecond: config.SOCKET_EVENTS_PER_SECOND,
    burst: config.SOCKET_EVENTS_BURST,
    logger,
    metrics,
  })

  const recent = createRecentEvents()
  const delivery = createDelivery({ io, backplane, recent, logger, metrics, failpoints })
  const consumption = createConsumption({
    subscribe: () =>
      bus.subscribe({ queue: 'realtime.fanout', types: deliveredTypes, handle: delivery.handle }),
    backplane,
    consuming: metrics.consuming,
    logger,
  })
  const repeating =
    backplane &&
    repeatAfterOutage({
      io,
      backplane,
      recent,
      repeat: delivery.repeat,
      repeated: metrics.repeated,
      logger,
    })
  if (backplane !== undefined) tellBehind({ io, backplane })
  // It may have come back empty.
  backplane?.onChange((available) => {
    if (available) void arrivals.refresh()
  })

  io.use(createHandshake({ verifyToken, places, enterRooms, logger, metrics }))
  io.on('connection', (socket) => {
    metrics.connections.inc()
    noteAdmitted(socket.conn)
    connections.admitted(socket.conn, socket.data.caller.userId)
    socket.once('disconnect', (reason) => {
      metrics.connections.dec()
      // A client that leaves only the namespace would hold a connection that no token timer watches.
      closeWith(socket.conn, reason === 'client namespace disconnect' ? 'client-left' : 'session-ended')
    })
    if (overdue.check(socket)) return
    answering.serve(socket)
    watching.track(socket)
    arrivals.track(socket)
    expiry.watch(socket)
  })

  async function drain(): Promise<void> {
    accepting = false
    // A subscription that waits for the broker would hold up everything.
    await within(config.DRAIN_WAIT_MS, consumption.stop())
    repeating?.close()
    await within(config.DRAIN_WAIT_MS, answering.drain())
    for (const socket of io.sockets.sockets.values()) {
      socket.emit('gateway:draining', {
        reconnectInMs: Math.round(Math.random() * config.DRAIN_JITTER_MS),
      })
    }
    watching.close()
    await Promise.all([
      within(config.DRAIN_WAIT_MS, arrivals.close()),
      // Not `disconnectSockets`: a client takes a closed connection as a reason to come back by itself.
      connections.closeAll(config.DRAIN_WAIT_MS),
    ])
    // Not `io.close()`: it would close the HTTP server, which is not ours.
    await io.of('/').adapter.close()
    engine.close()
  }

  return {
    router: createPlainHttpRefusal(metrics),

    async start(httpServer) {
      // Not `io.attach`, which answers plain HTTP in its own way, and upgrades with 400 only.
      httpServer.on('upgrade', (request, socket, head) => {
        if (admit(request, socket)) engine.handleUpgrade(request, socket, head)
      })
      // Ahead of Socket.IO, so that what it would not answer is answered.
      engine.on('connection', (connection: Connection) => {
        connections.guard(connection)
        refuseForeignPackets(connection, metrics)
      })
      io.bind(engine)
      arrivals.start()
      watching.start()
      accepting = true
      await consumption.start()
    },
    close() {
      closing ??= drain()
      return closing
    },
    connections: () => io.sockets.sockets.size,
  }
}

/** Waits for work, but not longer than this. */
async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, milliseconds)
  await Promise.race([work, late.promise])
  clearTimeout(timer)
}
