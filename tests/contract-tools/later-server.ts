import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const ids = {
  id: '0198c5c0-7a5e-7c44-9d0b-6a1f1f0c2d11',
  conversationId: '5c1f1c5e-8a59-5d3c-9d6b-0f6f6a2a9e77',
  userId: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10',
}
const at = '2031-01-31T12:00:00.000Z'
const entry = { ...ids, senderId: ids.userId, clientId: 'a', at, laterField: { any: 'thing' } }

const answers: Readonly<Record<string, readonly [status: number, body: object]>> = {
  [`/chat/conversations/${ids.conversationId}/timeline`]: [
    200,
    {
      entries: [
        { ...entry, seq: 1, kind: 'message-created', body: { text: 'Hello', laterField: 1 } },
        { ...entry, seq: 2, kind: 'of-a-later-release', body: { question: 'Tea?' } },
      ],
      head: 2,
      more: false,
      laterField: true,
    },
  ],
  '/chat/conversations': [
    200,
    {
      conversations: [
        {
          id: ids.conversationId,
          kind: 'of-a-later-release',
          memberIds: [ids.userId],
          createdAt: at,
          members: [],
          head: 0,
          lastMessage: null,
          unread: 0,
          receipts: [],
        },
      ],
      nextCursor: null,
    },
  ],
  '/users/me': [
    401,
    {
      type: 'urn:parley:problem:of-a-later-release',
      title: 'Something new',
      status: 401,
      code: 'of-a-later-release',
      correlationId: 'correlation-1',
    },
  ],
}

/** Answers as a release does that has kinds, codes and fields which today's documents do not know. */
export async function startLaterServer(): Promise<{ url: string; close(): void }> {
  const server = createServer(({ url = '' }, response) => {
    const path = url.split('?')[0]!.replace(/(conversations\/)[^/]+/, `$1${ids.conversationId}`)
    const [status, body] = answers[path] ?? [404, {}]
    const type = status < 400 ? 'application/json' : 'application/problem+json'
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}
