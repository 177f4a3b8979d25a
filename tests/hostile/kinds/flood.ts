import { type Attack, createCounts, createLoops, type HostileKind, pause, type Target } from '../attack.ts'
import { ask, say, signUp } from '../stranger.ts'

const sendsAtOnce = 20
const readsAtOnce = 10
const text = '🙂'.repeat(4_000)

/** One person who writes and reads as fast as it is answered. */
export const flood: HostileKind = {
  name: 'flood',
  what: `one person with ${sendsAtOnce} sends of 16 kB and ${readsAtOnce} lists of conversations under way, all the time`,
  async prepare({ url }: Target): Promise<Attack> {
    const writer = await signUp(url, 'flood', '2001:db8:500::1')
    const other = await signUp(url, 'flooded', '2001:db8:501::1')
    const counts = createCounts()
    const sends = createLoops(sendsAtOnce, async (_, stop) => {
      const { status } = await say(url, writer, other.id, text, stop)
      if (!stop.aborted) counts.add(`sends ${status}`)
      if (status !== 201) await pause(100, stop)
    })
    const reads = createLoops(readsAtOnce, async (_, stop) => {
      const { status } = await ask(url, 'GET', '/chat/conversations?limit=100', { ...writer, signal: stop })
      if (!stop.aborted) counts.add(`reads ${status}`)
      if (status !== 200) await pause(100, stop)
    })
    return {
      begin() {
        sends.begin()
        reads.begin()
      },
      end() {
        sends.end()
        reads.end()
      },
      counts: counts.all,
    }
  },
}
