import { type BadLine, openBadLine } from '@parley/testing/bad-line.ts'
import { createParleyClient } from './create-parley-client.ts'
import type { ParleyClient } from './parley-client.ts'
import type { SavedSession } from './session/saved-session.ts'
import { alice, bob, createProtocolServer, type ProtocolServer } from './testing/protocol-server.ts'

const room = '00000000-0000-4000-8000-000000000001'
const text = 'x'.repeat(4_000)
const count = 200
/** A page of all messages takes seven times as long as the client bears silence. */
const silenceMs = 300
const bytesPerSecond = 400_000

let server: ProtocolServer
let line: BadLine
let client: ParleyClient
let shown: number[]

beforeEach(async () => {
  server = await createProtocolServer()
  server.pageSize = count
  line = await openBadLine(Number(new URL(server.url).port))
  client = createParleyClient({
    url: `http://127.0.0.1:${line.port}`,
    from: 'beginning',
    backoff: { minMs: 5, maxMs: 50 },
    requestTimeoutMs: silenceMs,
  })
  shown = []
  client.on('entry', ({ seq }) => shown.push(seq))
  client.resume(await logIn())
  for (let seq = 1; seq <= count; seq += 1) server.say(room, bob, text)
})
afterEach(async () => {
  client.close()
  await line.close()
  await server.stop()
})

/** By a client that is patient: what is tried here is a link that is slow, not a machine. */
async function logIn(): Promise<SavedSession> {
  const patient = createParleyClient({ url: server.url })
  const begun = new Promise<SavedSession>((resolve) =>
    patient.on('session', (session) => session !== undefined && resolve(session)),
  )
  await patient.logIn({ email: alice.email, password: 'correct horse battery' })
  patient.close()
  return begun
}

const seqs = Array.from({ length: count }, (_, index) => index + 1)

describe('on a slow link', () => {
  it('everything that was missed arrives, however long a page takes', async () => {
    line.slow(bytesPerSecond)
    await client.connect()
    expect(shown).toEqual(seqs)
  }, 30_000)

  it('older messages arrive, however long a page takes', async () => {
    line.slow(bytesPerSecond)
    const older: number[] = []
    for (let before: number | null | undefined; before !== null;) {
      const page = await client.conversations.history(room, { before, limit: count })
      older.push(...page.messages.map(({ seq }) => seq))
      before = page.nextBefore
    }
    expect(older).toEqual(seqs.toReversed())
  }, 30_000)
})
