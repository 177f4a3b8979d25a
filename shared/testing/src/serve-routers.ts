import type { Server } from 'node:http'
import { createHealth, type Health } from '@parley/platform/health.ts'
import { createHttpApp } from '@parley/platform/http/http-app.ts'
import { createHttpServer, listen } from '@parley/platform/http/listen.ts'
import type { Logger } from '@parley/platform/log.ts'
import { createMetrics } from '@parley/platform/metrics.ts'
import type { Router } from 'express'
import { createSilentLogger } from './silent-logger.ts'

/** Serves routers from the app that every process is made of, on a free port of the loopback address. */
export async function serveRouters(
  routers: readonly Router[],
  {
    logger = createSilentLogger(),
    health = createHealth(),
    allowedOrigins = [],
    allowedHosts = [],
    trustedProxies = 0,
    websocketsAt,
    maxRequests = 1_000,
    maxRequestsPerAddress = 1_000,
  }: {
    logger?: Logger
    health?: Health
    allowedOrigins?: readonly string[]
    allowedHosts?: readonly string[]
    trustedProxies?: number
    websocketsAt?: string
    maxRequests?: number
    maxRequestsPerAddress?: number
  } = {},
): Promise<{ origin: string; server: Server; metrics(): Promise<string>; close(): Promise<void> }> {
  const metrics = createMetrics()
  const app = createHttpApp({
    routers,
    health,
    metrics,
    logger,
    allowedOrigins,
    allowedHosts,
    trustedProxies,
    limits: { maxRequests, maxRequestsPerAddress },
  })
  const httpServer = createHttpServer(app, websocketsAt === undefined ? {} : { websocketsAt })
  const listening = await listen(httpServer, { port: 0, host: '127.0.0.1' })
  const { server, port } = listening
  return {
    origin: `http://127.0.0.1:${port}`,
    server,
    metrics: () => metrics.registry.metrics(),
    close: () => listening.close(0),
  }
}
