import { Pool } from 'undici'

/** Requests over connections that are kept, with little around them. */
export interface HttpCalls {
  /** @param onAnswer gets the status, or 0 when there was no answer */
  call(request: HttpRequest, onAnswer: (status: number) => void): void
  /** Resolves to the answer, parsed. @throws when it is no success */
  read(request: Pick<HttpRequest, 'method' | 'path' | 'token'>): Promise<unknown>
  close(): Promise<void>
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  readonly body?: unknown
}

/** @param connections further requests wait here, and their latency counts from when they were due */
export function createHttpCalls(url: string, connections: number): HttpCalls {
  const pool = new Pool(url, { connections, headersTimeout: 60_000, bodyTimeout: 60_000 })
  return {
    call({ method, path, token, body }, onAnswer) {
      let answered = 0
      pool.dispatch(
        {
          method,
          path,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: body === undefined ? null : JSON.stringify(body),
        },
        {
          // undici asks for these two.
          onRequestStart: () => undefined,
          onResponseData: () => undefined,
          onResponseStart(_controller, status) {
            answered = status
          },
          onResponseEnd: () => onAnswer(answered),
          onResponseError: () => onAnswer(0),
        },
      )
    },
    async read({ method, path, token }) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const { statusCode, body } = await pool.request({ method, path, headers })
      const answer = await body.json()
      if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}`)
      return answer
    },
    close: () => pool.destroy(),
  }
}
