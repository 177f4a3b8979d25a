import { once } from 'node:events'
import {
  type Attack,
  closing,
  createCounts,
  createLoops,
  type HostileKind,
  pause,
  type Target,
} from '../attack.ts'
import { headOf, openRaw } from '../raw-socket.ts'
import { askPatiently, say, signUp } from '../stranger.ts'

const connections = 30
const requestsAtOnce = 120
const scrapesAtOnce = 2_000
/** Of 16 kB each, so that a page is as long as pages get. */
const messages = 60
const text = '🙂'.repeat(4_000)
/** So long one connection stays open with nothing read, unless it is cut. */
const heldMs = 20_000
const between = 500

/** Writes many requests for long pages into one connection, and reads nothing. Every third one asks for /metrics. */
export const pipeliner: HostileKind = {
  name: 'pipeliner',
  what: `${connections} connections: ${requestsAtOnce} requests for long pages each (a third of them ${scrapesAtOnce} × /metrics), nothing read`,
  async prepare({ url }: Target): Promise<Attack> {
    const reader = await signUp(url, 'pipeliner', '2001:db8:100::1')
    const other = await signUp(url, 'pipelined', '2001:db8:101::1')
    let conversationId = ''
    for (let sent = 0; sent < messages;) {
      const { status, body } = await say(url, other, reader.id, text)
      if (status === 201) {
        sent += 1
        conversationId = (body as { entry: { conversationId: string } }).entry.conversationId
      } else await pause(250, new AbortController().signal)
    }
    const page = `/chat/conversations/${conversationId}/messages?limit=200`
    const { status } = await askPatiently(url, 'GET', page, reader)
    if (status !== 200) throw new Error(`the page is answered with ${status}`)

    const counts = createCounts()
    const { token, address } = reader
    const pages = headOf('GET', page, url, {
      Authorization: `Bearer ${token}`,
      'X-Forwarded-For': address,
    }).repeat(requestsAtOnce)
    const scrapes = headOf('GET', '/metrics', url, { 'X-Forwarded-For': address }).repeat(scrapesAtOnce)

    const loops = createLoops(connections, async (index, stop) => {
      const socket = openRaw(url)
      const closed = closing(socket)
      // A socket that is not read still hears of its end when it writes.
      socket.on('close', () => counts.add(stop.aborted ? 'left' : 'cut'))
      try {
        await once(socket, 'connect')
        counts.add('connections')
        socket.pause()
        socket.write(index % 3 === 2 ? scrapes : pages)
        await Promise.race([closed, pause(heldMs, stop)])
      } finally {
        socket.destroy()
        await pause(between, stop)
      }
    })
    return { begin: loops.begin, end: loops.end, counts: counts.all }
  },
}
