import { setTimeout as sleep } from 'node:timers/promises'
import type { Sample } from './figures.ts'
import { ask, askPatiently, password, signUp, type Stranger } from './stranger.ts'

/** Honest people who come and go by HTTP, each from the address that they always come from. */
export interface Regulars {
  readonly emails: readonly string[]
  readonly ids: readonly string[]
  begin(): void
  /** Resolves when all that was begun is answered. */
  end(): Promise<RegularsReport>
}

export interface RegularsReport {
  /** From the first try until it worked. */
  readonly logins: readonly Sample[]
  readonly reads: readonly Sample[]
  /** Logins that were put off (503, or no answer) and tried again. */
  readonly putOff: number
  /** Logins with the right password that were refused, and those that never got in. */
  readonly lockedOut: readonly string[]
}

const people = 8
const loginEveryMs = 1_000
const readEveryMs = 25
/** So long somebody goes on trying to log in. */
const patienceMs = 60_000

/** They register, and log in once, so that they are known. */
export async function inviteRegulars(url: string): Promise<Regulars> {
  const regulars = await Promise.all(
    Array.from({ length: people }, async (_, index) => {
      const person = await signUp(url, 'regular', `198.51.100.${index + 1}`)
      // Every second one has an app that knows nothing of that, as older ones do.
      return index % 2 === 0 ? person : { ...person, device: undefined }
    }),
  )
  const logins: Sample[] = []
  const reads: Sample[] = []
  const lockedOut: string[] = []
  const underWay = new Set<Promise<void>>()
  const stop = new AbortController()
  let putOff = 0

  /** Logs in, tries again when it is put off, and logs out again. */
  async function logIn({ email, address, device }: Stranger): Promise<void> {
    const at = Date.now()
    for (const deadline = at + patienceMs; ;) {
      const body = { email, password, ...(device !== undefined && { device }) }
      const {
        status,
        body: answer,
        retryAfterMs,
      } = await ask(url, 'POST', '/users/auth/login', { address, body })
      if (status === 200) {
        logins.push({ at, ms: Date.now() - at })
        const { token } = answer as { token: string }
        await askPatiently(url, 'POST', '/users/auth/logout', { address, token })
        return
      }
      if (status !== 503 && status !== 0) {
        lockedOut.push(`a login with the right password was answered with ${status}`)
        return
      }
      putOff += 1
      if (Date.now() > deadline) return void lockedOut.push(`a login was put off for ${patienceMs / 1_000} s`)
      await sleep(retryAfterMs || 500)
    }
  }

  async function read(person: Stranger): Promise<void> {
    const at = Date.now()
    const { status } = await askPatiently(url, 'GET', '/chat/conversations', person)
    if (status === 200) reads.push({ at, ms: Date.now() - at })
  }

  /** Begins the next one on time, however long those before take. */
  async function every(milliseconds: number, act: (person: Stranger) => Promise<void>): Promise<void> {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      const acting = act(regulars[turn % people]!)
      underWay.add(acting)
      void acting.finally(() => underWay.delete(acting))
      await sleep(milliseconds)
    }
  }

  return {
    emails: regulars.map(({ email }) => email),
    ids: regulars.map(({ id }) => id),
    begin() {
      void every(loginEveryMs, logIn)
      void every(readEveryMs, read)
    },
    async end() {
      stop.abort()
      await Promise.all(underWay)
      return { logins, reads, putOff, lockedOut }
    },
  }
}
