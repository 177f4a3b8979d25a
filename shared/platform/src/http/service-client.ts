import { setTimeout as sleep } from 'node:timers/promises'
import type { Operation } from '@parley/contracts/operation.ts'
import { operationAddress } from '@parley/contracts/operation-address.ts'
import type { RequestOf, ResponseOf } from '@parley/contracts/operation-types.ts'
import { problem as problemSchema } from '@parley/contracts/problem.ts'
import { Agent, interceptors, request as send } from 'undici'
import { ParleyError } from '../parley-error.ts'
import { createReplicaChoice } from './replica-choice.ts'

/** How one service asks another. */
export interface ServiceClient {
  /**
   * Calls an operation, on behalf of whoever owns the token. The answer is trusted to be as the contract says.
   * Only for operations that may be repeated: one whose outcome is not known is tried again.
   * @throws ParleyError the problem that the service answers with, `unavailable`, or `overloaded` when too many
   *   calls are under way: then the service was not asked
   */
  call<const O extends Operation>(operation: O, request: RequestOf<O>, token?: string): Promise<ResponseOf<O>>
  /** Cuts calls under way. */
  close(): Promise<void>
}

interface AnyRequest {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
}

/** Before the second try, the third … A replica that just went away needs no more than another address. */
const gapsMs = [20, 200]

/**
 * Keeps connections to all replicas behind a name: their addresses are looked up every two seconds and take
 * turns, so replicas that come are found and those that went are left; one that takes no connection is left
 * alone at once.
 * @param origin such as `http://chat:8080`
 * @param timeoutMs without a sign of life, after which a try has failed
 * @param deadlineMs for a call with all its tries and its wait for a free connection
 * @param maxCalls how many calls may be under way, 64 for each replica at the same time
 */
export function createServiceClient({
  origin,
  timeoutMs = 5_000,
  deadlineMs = 10_000,
  maxCalls = 1_000,
}: {
  origin: string
  timeoutMs?: number
  deadlineMs?: number
  maxCalls?: number
}): ServiceClient {
  const replicas = createReplicaChoice({ connectTimeoutMs: 1_000 })
  let underWay = 0
  const agent = new Agent({
    connect: replicas.connect,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    // A service closes an idle connection after 65 s: never send into one that it is closing.
    keepAliveTimeout: 30_000,
    connections: 64,
  })
  const dispatcher = agent.compose(
    interceptors.dns({ maxTTL: 2_000, dualStack: false, affinity: 4, pick: replicas.pick }),
  )

  async function attempt(
    operation: Operation,
    request: AnyRequest,
    token: string | undefined,
    signal: AbortSignal,
  ) {
    const response = await send(operationAddress(origin, operation.path, request), {
      dispatcher,
      signal,
      method: methods[operation.method],
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    })
    const text = await response.body.text()
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    return { ok: response.statusCode < 300, body }
  }

  async function ask(operation: Operation, request: AnyRequest, token: string | undefined): Promise<unknown> {
    const deadline = AbortSignal.timeout(deadlineMs)
    for (let tries = 0; ; tries += 1) {
      let answer
      try {
        answer = await attempt(operation, request, token, deadline)
      } catch (error) {
        const gapMs = gapsMs[tries]
        if (gapMs === undefined || deadline.aborted) throw unavailable(error)
        await sleep(gapMs)
        continue
      }
      if (!answer.ok) throw toParleyError(answer.body)
      return answer.body
    }
  }

  return {
    async call(operation, request, token) {
      if (underWay >= maxCalls) throw new ParleyError('overloaded', { retryAfterSeconds: 1 })
      underWay += 1
      try {
        return (await ask(operation, request as AnyRequest, token)) as ResponseOf<typeof operation>
      } finally {
        underWay -= 1
      }
    },
    close: () => agent.destroy(),
  }
}

const methods = { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const

const unavailable = (cause: unknown): ParleyError =>
  new ParleyError('unavailable', { retryAfterSeconds: 1, cause })

function toParleyError(body: unknown): ParleyError {
  const result = problemSchema.safeParse(body)
  if (!result.success) return unavailable(body)
  const { code, detail, errors, retryAfterSeconds, correlationId } = result.data
  return new ParleyError(code, {
    correlationId,
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined ? {} : { errors }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}
