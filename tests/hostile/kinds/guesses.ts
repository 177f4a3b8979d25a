import { randomBytes } from 'node:crypto'
import { type Attack, createCounts, createLoops, type HostileKind, pause, type Target } from '../attack.ts'
import { ask } from '../stranger.ts'

const atOnce = 30
/** Each loop rests so long after an answer: some 15 a second in all, while answers come at once. */
const restMs = 2_000

/** Guesses the passwords of honest people, each time from another address of one /64. */
export const guesses: HostileKind = {
  name: 'guesses',
  what: `wrong passwords for honest people's accounts and unknown ones, ${atOnce} at once and 15 a second, from a /64`,
  async prepare({ url, victims }: Target): Promise<Attack> {
    const counts = createCounts()
    const loops = createLoops(atOnce, async (index, stop) => {
      const host = randomBytes(8)
        .toString('hex')
        .replace(/(.{4})(?!$)/g, '$1:')
      const unknown = `${randomBytes(6).toString('hex')}@hostile.example`
      const email = index % 3 === 2 ? unknown : victims[index % victims.length]!
      const body = { email, password: `guess number ${randomBytes(6).toString('hex')}` }
      const address = `2001:db8:bad:1:${host}`
      const { status } = await ask(url, 'POST', '/users/auth/login', { address, body, signal: stop })
      if (!stop.aborted) counts.add(String(status))
      await pause(restMs, stop)
    })
    return { begin: loops.begin, end: loops.end, counts: counts.all }
  },
}
