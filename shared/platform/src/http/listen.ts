import { createServer, type RequestListener, Server } from 'node:http'
import { type AddressInfo, Server as TcpServer } from 'node:net'
import { oneAtATime } from './one-at-a-time.ts'
import { answerRefusedRequests } from './refused-requests.ts'
import { OwnError } from '../own-error.ts'
import { errorInWords } from '../log-errors/describe-error.ts'

export interface Listening {
  readonly server: Server
  readonly port: number
  /**
   * Takes no new connection, lets requests under way finish, and cuts what is left after the grace. A request
   * that still comes over an open connection is answered, and its connection then closed: a proxy that had
   * begun to send it would not send a POST again elsewhere.
   */
  close(graceMs: number): Promise<void>
}

/** The port is not to be had; `code` is Node's, such as `EADDRINUSE` or `EACCES`. */
export class ListenError extends OwnError {
  readonly code: string
  readonly port: number

  constructor(port: number, cause: NodeJS.ErrnoException) {
    super(`cannot listen on port ${port}: ${cause.code ?? errorInWords(cause)}`, { cause })
    this.name = 'ListenError'
    this.code = cause.code ?? 'UNKNOWN'
    this.port = port
  }
}

/** For so long a connection that is idle may still bring a request, in milliseconds. */
const idleGraceMs = 500

/**
 * So many connections may wait to be taken. With Node's own 511, a stranger who opens a thousand at once makes honest
 * ones wait for seconds, as their system asks again after 1, 3 and 7. The system may allow less (`somaxconn`).
 */
const backlog = 4_096

/** For so long nothing may move on a connection while a request comes, is worked on, or its answer is read. */
const stalledMs = 30_000

/**
 * A server that does not listen yet, so that a gateway can be attached before the first connection.
 * @param websocketsAt the path at which websockets are taken. Any other wish to speak another protocol is not
 * followed, and the request answered like one without it (RFC 9110 section 7.8): Java's HTTP client sends such a
 * wish with every request, and Node would leave them all to the `upgrade` listeners.
 */
export function createHttpServer(
  app: RequestListener,
  { websocketsAt }: { websocketsAt?: string } = {},
): Server {
  const server = createServer(
    {
      keepAliveTimeout: 65_000,
      headersTimeout: 20_000,
      requestTimeout: 30_000,
      // Otherwise every half minute, and the two above would mean up to a minute.
      connectionsCheckingInterval: 1_000,
      shouldUpgradeCallback: ({ url, headers }) =>
        websocketsAt !== undefined &&
        (url === websocketsAt || url?.startsWith(`${websocketsAt}?`) === true) &&
        headers.upgrade?.toLowerCase() === 'websocket',
    },
    oneAtATime(app),
  )
  // Counts also while an answer is written: a client that takes a part of it starts it anew.
  server.timeout = stalledMs
  answerRefusedRequests(server)
  return server
}

/**
 * Serves an app, or a server made of one, on a port.
 * @param port 0 for any free one
 * @throws ListenError
 */
export async function listen(
  app: RequestListener | Server,
  { port, host }: { port: number; host: string },
): Promise<Listening> {
  const server = app instanceof Server ? app : createHttpServer(app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError(port, error)))
    server.listen({ port, host, backlog }, resolve)
  })
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async close(graceMs) {
      const closed = Promise.withResolvers<void>()
      server.prependListener('request', (_request, response) => {
        response.shouldKeepAlive = false
      })
      // Not the HTTP server's own `close` yet, which cuts idle connections at once.
      TcpServer.prototype.close.call(server, () => closed.resolve())
      let idle: NodeJS.Timeout | undefined
      const closeIdle = (): void => {
        server.close()
        // A connection whose request ends only now would be kept open for the next one.
        idle = setInterval(() => server.closeIdleConnections(), 20)
      }
      const timers = [
        setTimeout(closeIdle, Math.min(idleGraceMs, graceMs)),
        setTimeout(() => server.closeAllConnections(), graceMs),
      ]
      await closed.promise
      // Also where nothing was left to close: it ends the server's own timers.
      server.close()
      clearInterval(idle)
      timers.forEach(clearTimeout)
    },
  }
}
