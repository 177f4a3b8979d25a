import { type Operation, problemsOf } from '@parley/contracts/operation.ts'
import { operationAddress } from '@parley/contracts/operation-address.ts'
import { problem, type Problem } from '@parley/contracts/problem.ts'

interface Request {
  readonly token?: string
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number>>
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/**
 * Calls an operation over HTTP and holds the answer against the contract: a success must have a declared
 * status and body, a failure must be a declared problem.
 */
export async function callOperation(
  baseUrl: string,
  operation: Operation,
  request: Request = {},
): Promise<Answer> {
  const url = operationAddress(baseUrl, operation.path, request)
  const response = await fetch(url, {
    method: operation.method.toUpperCase(),
    headers: {
      ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(request.body === undefined
      ? {}
      : { body: typeof request.body === 'string' ? request.body : JSON.stringify(request.body) }),
  })
  const text = await response.text()
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  const answer = { status: response.status, headers: response.headers, body }
  checkAnswer(operation, answer)
  return answer
}

/** The problem in an answer that must be one. */
export const problemOf = (answer: Answer): Problem => problem.parse(answer.body)

function checkAnswer(operation: Operation, answer: Answer): void {
  const schema = operation.responses[answer.status]
  if (schema !== undefined) {
    if (schema !== null) schema.parse(answer.body)
    else if (answer.body !== undefined)
      throw new Error(`${operation.id} answered ${answer.status} with a body`)
    return
  }
  const { code } = problemOf(answer)
  if (!problemsOf(operation).includes(code))
    throw new Error(`${operation.id} answered with the undeclared problem ${code}`)
}
