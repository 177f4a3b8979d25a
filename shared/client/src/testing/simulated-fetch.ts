import type { SimulatedServer } from './simulated-server.ts'
import type { Wire } from './simulated-wire.ts'

type Fetch = typeof globalThis.fetch
type Body = Readonly<Record<string, string>>

/** A client fills so many holes at a time. */
const mostFetches = 4

/**
 * HTTP requests of one device.
 * @param onAnswer told what each answer holds
 * @param onFault told when timelines are fetched as a client must not do
 */
export function createSimulatedFetch({
  wire,
  server,
  userId,
  onAnswer,
  onFault,
}: {
  wire: Wire
  server: SimulatedServer
  userId: string
  onAnswer: (body: unknown) => void
  onFault: (fault: string) => void
}): { readonly fetch: Fetch; readonly open: number } {
  const underWay = new Map<object, string>()

  function watchTimelines(path: string): void {
    const timelines = [...underWay.values()].filter((one) => one.endsWith('/timeline'))
    if (timelines.length > mostFetches) onFault(`${timelines.length} fetches at a time`)
    if (timelines.filter((one) => one === path).length > 1) onFault(`two fetches at a time of ${path}`)
  }

  const fetch = (input: unknown, { signal, headers, body }: RequestInit = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const url = input as URL
      const request = {}
      underWay.set(request, url.pathname)
      watchTimelines(url.pathname)
      const end = (): boolean => {
        signal?.removeEventListener('abort', abort)
        return underWay.delete(request)
      }
      const abort = (): void => {
        if (end()) reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', abort)

      const token = (headers as Body | undefined)?.['authorization']?.slice('Bearer '.length) ?? ''
      const content = JSON.parse((body as string | undefined) ?? '{}') as Body
      wire.ask(
        () => answerRequest(server, userId, url, token, content),
        (answer) => {
          if (!end()) return
          if (answer === 'cut') return reject(new TypeError('fetch failed'))
          onAnswer(answer.body)
          const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
          resolve(new Response(text, { status: answer.status }))
        },
      )
    })

  return {
    fetch,
    get open() {
      return underWay.size
    },
  }
}

function answerRequest(
  server: SimulatedServer,
  userId: string,
  { pathname, searchParams }: URL,
  token: string,
  body: Body,
): unknown {
  const { refreshToken = '', clientId = '' } = body
  if (pathname === '/users/auth/refresh') return server.refresh(refreshToken)
  server.check(token)
  if (pathname === '/chat/heads') return server.heads(searchParams.get('cursor') ?? undefined)
  if (pathname === '/chat') {
    const { text } = body['messageDetails'] as unknown as { text: string }
    const { kind: _, body: content, ...entry } = server.send('direct', userId, clientId, text)
    return { message: { ...entry, ...content }, conversation: {} }
  }
  const [, , , id = '', what] = pathname.split('/')
  if (what === 'timeline') return server.timeline(id, Number(searchParams.get('after')))
  if (what === 'messages') return { entry: server.send(id, userId, clientId, body['text'] ?? '') }
  return { delivered: 0, read: 0 }
}
