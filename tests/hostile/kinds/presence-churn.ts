import { randomUUID } from 'node:crypto'
import { limits } from '@parley/contracts/text.ts'
import { openBare } from '../bare-socket.ts'
import {
  type Attack,
  closing,
  createCounts,
  createLoops,
  type HostileKind,
  pause,
  type Target,
} from '../attack.ts'
import { signUp } from '../stranger.ts'

const sockets = 5
/** Just below what a socket may ask. */
const everyMs = 22

/** Watches other people with each event, as many as it may name, as often as it may. */
export const presenceChurn: HostileKind = {
  name: 'presence-churn',
  what: `${sockets} sockets of one person that watch ${limits.watchedUsers} others anew, ${Math.round(1_000 / everyMs)} times a second each`,
  async prepare({ url, userIds }: Target): Promise<Attack> {
    const watcher = await signUp(url, 'watcher', '2001:db8:400::1')
    const counts = createCounts()
    /** Honest people, and many whom nobody knows; always others. */
    const list = (): string[] => [
      ...userIds.slice(0, 20),
      ...Array.from({ length: limits.watchedUsers - Math.min(20, userIds.length) }, () => randomUUID()),
    ]
    const loops = createLoops(sockets, async (_, stop) => {
      const socket = await openBare(url, watcher, (packet) =>
        counts.add(packet.includes('"ok":true') ? 'answered' : 'refused'),
      )
      counts.add('sockets')
      const closed = closing(socket)
      for (let ack = 1; socket.readyState === socket.OPEN && !stop.aborted; ack += 1) {
        socket.send(`42${ack}${JSON.stringify(['presence:watch', { userIds: list() }])}`, () => undefined)
        counts.add('asked')
        await Promise.race([closed, pause(everyMs, stop)])
      }
      if (!stop.aborted) counts.add('cut sockets')
      socket.terminate()
      await pause(1_000, stop)
    })
    return { begin: loops.begin, end: loops.end, counts: counts.all }
  },
}
