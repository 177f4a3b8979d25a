import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** Somebody with an account, who says to be at a network address of his own: the proxy in front is trusted here. */
export interface Stranger {
  readonly id: string
  readonly email: string
  readonly token: string
  readonly address: string
  /** By which the server knows the device again; an older server gives none. */
  readonly device: string | undefined
}

export interface Answer {
  /** 0: there was none. */
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly retryAfterMs: number
}

export const password = 'correct horse, hostile battery'
const patienceMs = 120_000
const betweenTriesMs = 500

export interface Request {
  readonly address: string
  readonly token?: string
  readonly body?: unknown
  readonly signal?: AbortSignal
}

export async function ask(url: string, method: string, path: string, request: Request): Promise<Answer> {
  const { address, token, body, signal } = request
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        'x-forwarded-for': address,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {},
      retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000,
    }
  } catch {
    return { status: 0, body: {}, retryAfterMs: 0 }
  }
}

/** Asks again, as it is told to, until it is neither refused for now nor without an answer. */
export async function askPatiently(
  url: string,
  method: string,
  path: string,
  request: Request,
): Promise<Answer> {
  for (const deadline = performance.now() + patienceMs; ;) {
    const answer = await ask(url, method, path, request)
    const forNow = answer.status === 0 || answer.status === 429 || answer.status === 503
    if (!forNow || performance.now() > deadline) return answer
    await sleep(answer.retryAfterMs || betweenTriesMs)
  }
}

/** @throws when it gets no account or no token */
export async function signUp(url: string, name: string, address: string): Promise<Stranger> {
  const email = `${name}-${randomUUID()}@hostile.example`
  const person = { firstName: name, lastName: 'Hostile', email, password }
  const created = await askPatiently(url, 'POST', '/users/auth/create', { address, body: person })
  const login = await askPatiently(url, 'POST', '/users/auth/login', { address, body: { email, password } })
  if (login.status !== 200) throw new Error(`${name} cannot log in: ${created.status}, then ${login.status}`)
  const { token, user, device } = login.body as { token: string; user: { id: string }; device?: string }
  return { id: user.id, email, token, address, device }
}

/** Sends, and resolves to the status. */
export async function say(
  url: string,
  from: Stranger,
  to: string,
  text: string,
  signal?: AbortSignal,
): Promise<Answer> {
  const body = { to, clientId: randomUUID(), text }
  const { address, token } = from
  return ask(url, 'POST', '/chat/messages', { address, token, body, ...(signal && { signal }) })
}
