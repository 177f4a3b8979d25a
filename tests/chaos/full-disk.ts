import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Problem } from '@parley/contracts/problem.ts'
import { createParleyClient } from '@parley/client/create-parley-client.ts'
import type { EmbeddedSubject } from './embedded-subject.ts'
import type { Fault } from './faults.ts'

const refusedWithinMs = 30_000
/** Beyond this the log of a disk that is full would be what fills the next one. */
const mostLines = 20
const password = 'chaos-password'

/** The disk has no room, Parley is killed meanwhile and started again on it, and then there is room. */
export const fillDisk: Fault<EmbeddedSubject> = {
  name: 'full-disk',
  what: 'embedded: no room on the disk, kill -9 meanwhile, and room again',
  restarts: ['parley'],
  async run({ subject, seconds, note }) {
    const { url } = subject
    const person = await openPerson(url)
    const linesBefore = (await subject.log()).length

    await subject.onDisk('sh', '-c', 'dd if=/dev/zero of=/data/filler bs=4k 2>/dev/null; true')
    const refused = await person.sendUntilRefused()
    if (refused === undefined) note('full-disk: nothing was refused')
    else {
      const { status, code, retryAfter } = refused
      if (status !== 503 || code !== 'unavailable' || retryAfter === null)
        note(`full-disk: a send was refused with ${status} ${code}, Retry-After ${retryAfter}`)
    }
    const { status: ready } = await fetch(`${url}/readyz`)
    if (ready !== 503) note(`full-disk: /readyz says ${ready}`)
    if (!(await person.canRead())) note('full-disk: what is stored cannot be read')
    await sleep((seconds * 1_000) / 2)

    await subject.kill()
    await subject.start()
    if (!(await person.canRead())) note('full-disk: after a start on it, what is stored cannot be read')
    await sleep((seconds * 1_000) / 2)

    const lines = (await subject.log()).slice(linesBefore)
    if (lines.length > mostLines) note(`full-disk: ${lines.length} lines in the log, such as ${lines.at(-1)}`)
    if (!lines.some((line) => line.includes('the disk is full'))) note('full-disk: the log does not say so')
    await subject.onDisk('rm', '/data/filler')
    return 'parley'
  },
}

/** Somebody who is no part of the traffic, and talks over HTTP, once per try. */
async function openPerson(url: string) {
  const client = createParleyClient({ url })
  const register = (firstName: string) => {
    const email = `${randomUUID()}@chaos.example`
    return client.register({ firstName, lastName: 'Disk', email, password })
  }
  const [{ id: sender, email }, other] = [await register('Full'), await register('Other')]
  let token = ''
  client.on('session', (session) => {
    token = session?.token ?? token
  })
  await client.logIn({ email, password })
  client.close()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

  return {
    /** Resolves to the first refusal; undefined when there is none in time. What fits into the log is still taken. */
    async sendUntilRefused() {
      for (const deadline = performance.now() + refusedWithinMs; performance.now() < deadline;) {
        const body = { sender, receiver: other.id, messageDetails: { text: 'x'.repeat(2_000) } }
        const response = await fetch(`${url}/chat`, { method: 'POST', headers, body: JSON.stringify(body) })
        const { status } = response
        const { code } = (await response.json()) as Partial<Problem>
        if (!response.ok) return { status, code, retryAfter: response.headers.get('retry-after') }
      }
      return undefined
    },
    async canRead(): Promise<boolean> {
      const { status } = await fetch(`${url}/chat/conversation/${sender}/${other.id}`, { headers })
      return status === 200
    },
  }
}
