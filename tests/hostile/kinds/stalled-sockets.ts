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
import { say, signUp } from '../stranger.ts'

const people = 10
const socketsEach = 20
const pongEveryMs = 5_000
const sendsAtOnce = 8
const restMs = 20
const text = '🙂'.repeat(4_000)

/** Sockets that read nothing, answer pings all the same, and are sent long messages by one another's owners. */
export const stalledSockets: HostileKind = {
  name: 'stalled-sockets',
  what: `${people * socketsEach} sockets of ${people} people that send pongs, read nothing, and get long messages`,
  async prepare({ url }: Target): Promise<Attack> {
    const owners = await Promise.all(
      Array.from({ length: people }, (_, index) => signUp(url, 'stalled', `2001:db8:3${index}0::1`)),
    )
    const counts = createCounts()
    const sockets = createLoops(people * socketsEach, async (index, stop) => {
      const socket = await openBare(url, owners[index % people]!).catch((error: unknown) => {
        counts.add('refused sockets')
        throw error
      })
      counts.add('sockets')
      const closed = closing(socket)
      socket.pause()
      while (socket.readyState === socket.OPEN && !stop.aborted) {
        socket.send('3', () => undefined)
        await Promise.race([closed, pause(pongEveryMs, stop)])
      }
      if (!stop.aborted) counts.add('cut sockets')
      socket.terminate()
      await pause(1_000, stop)
    })
    const sends = createLoops(sendsAtOnce, async (index, stop) => {
      const from = Math.floor(Math.random() * people)
      const { status } = await say(url, owners[from]!, owners[(from + 1 + index) % people]!.id, text, stop)
      if (!stop.aborted) counts.add(`sends ${status}`)
      await pause(status === 201 ? restMs : 250, stop)
    })
    return {
      begin() {
        sockets.begin()
        sends.begin()
      },
      end() {
        sends.end()
        sockets.end()
      },
      counts: counts.all,
    }
  },
}
