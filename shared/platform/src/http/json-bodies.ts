import type { IncomingHttpHeaders } from 'node:http'
import express, { type RequestHandler } from 'express'
import { parse } from 'secure-json-parse'
import { ParleyError } from '../parley-error.ts'
import { networkAsking } from './note-address.ts'
import { endWithProblem } from './refused-requests.ts'
import { createSharedRoom } from './shared-room.ts'

/** A message of 4,000 characters with every one of them escaped fits several times over. */
const bodyLimit = 128 * 1_024

/** What a connection costs while it brings a body, beside the body. */
const connectionBytes = 16 * 1_024

/** Of all bodies that are on their way: 2,000 small ones, or more than 200 as large as they may be. */
const arrivingBytes = 32 * 1_024 * 1_024

/**
 * Reads JSON. Whoever sends its body slowly takes no place from others: where too many are on their way, the one that
 * takes longest, of the network with most of them, is refused as `overloaded`.
 */
export function readJsonBodies({ most = arrivingBytes }: { most?: number } = {}): RequestHandler {
  const room = createSharedRoom({ most })
  const read = express.json({ limit: bodyLimit, verify: refuseDangerousBodies })
  return (request, response, next) => {
    const { headers, socket } = request
    const length = headers['content-length']
    if (length === undefined && headers['transfer-encoding'] === undefined) return next()
    nameUtf8(headers)
    const bytes = connectionBytes + Math.min(Number(length ?? bodyLimit), bodyLimit)
    const arrived = room.hold(networkAsking(response), bytes, () =>
      endWithProblem(socket, new ParleyError('overloaded', { retryAfterSeconds: 1 })),
    )
    read(request, response, (error?: unknown) => {
      arrived()
      next(error)
    })
  }
}

/** Many clients write `charset=utf8`, which is no registered name (RFC 3629), and mean the right thing. */
function nameUtf8(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']
  if (type !== undefined && /utf8/i.test(type)) headers['content-type'] = type.replace(/utf8/i, 'utf-8')
}

/**
 * `JSON.parse` makes `__proto__` an ordinary key, which bites whoever copies the object later. Few bodies
 * hold the words at all (or an escape that could hide them), so nearly all are parsed once. JSON is UTF-8
 * (RFC 8259), and in another encoding the words would look different.
 */
function refuseDangerousBodies(_request: unknown, _response: unknown, body: Buffer, encoding: string): void {
  if (encoding !== 'utf-8') throw new ParleyError('unsupported-media-type', { detail: 'JSON is UTF-8.' })
  if (!['__proto__', 'constructor', '\\u'].some((suspicious) => body.includes(suspicious))) return
  try {
    parse(body, { protoAction: 'error', constructorAction: 'error' })
  } catch (error) {
    throw new ParleyError('malformed-json', { detail: (error as Error).message, cause: error })
  }
}
