import type { Timers } from '../time/timers.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { Wire } from './simulated-wire.ts'

type Fetch = typeof globalThis.fetch
type Body = Readonly<Record<string, string>>

/** Between two pieces of an answer that drips: less than a client bears silence. */
const dripMs = 12_000

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
  timers,
  onAnswer,
  onFault,
}: {
  wire: Wire
  server: SimulatedServer
  userId: string
  timers: Timers
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
      let stopDripping: ((reason: unknown) => void) | undefined
      const end = (): boolean => {
        signal?.removeEventListener('abort', abort)
        return underWay.delete(request)
      }
      const abort = (): void => {
        if (!end()) return
        stopDripping?.(signal?.reason)
        reject(signal?.reason as Error)
      }
      /** A body that comes in pieces. */
      const drip = (text: string, onEnd: () => void): ReadableStream<Uint8Array> =>
        new ReadableStream({
          start(controller) {
            const pieces = text.match(new RegExp(`[^]{1,${Math.ceil(text.length / 5)}}`, 'g')) ?? []
            const bring = (): void => {
              const piece = pieces.shift()
              if (piece !== undefined) {
                controller.enqueue(new TextEncoder().encode(piece))
                const cancel = timers.after(dripMs, bring)
                stopDripping = (reason) => {
                  cancel()
                  controller.error(reason)
                }
                return
              }
              onEnd()
              controller.close()
            }
            bring()
          },
        })
      signal?.addEventListener('abort', abort)

      const token = (headers as Body | undefined)?.['authorization']?.slice('Bearer '.length) ?? ''
      const content = JSON.parse((body as string | undefined) ?? '{}') as Body
      wire.ask(
        () => answerRequest(server, userId, url, token, content),
        (answer) => {
          if (!underWay.has(request)) return
          if (answer === 'cut') {
            end()
            return reject(new TypeError('fetch failed'))
          }
          const { status, body: content, drips } = answer
          const text = typeof content === 'string' ? content : JSON.stringify(content)
          const arrived = (): void => {
            if (end()) onAnswer(content)
          }
          if (drips === true) resolve(new Response(drip(text, arrived), { status }))
          else {
            arrived()
            resolve(new Response(text, { status }))
          }
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
