import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteAuthStores } from '@parley/auth/stores.sqlite.ts'
import { openSqliteChatStores } from '@parley/chat/stores.sqlite.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { io } from 'socket.io-client'
import { type EmbeddedProcess, startEmbedded } from '../embedded-process.ts'
import { countPending } from '../traffic/read-database.ts'
import { expectNothingLostOrDoubled, expectSoundWreck, readMetric, readWreck, sweepSoon } from './outcome.ts'
import { messagesInAll, openPeople } from './people.ts'

/** Messages over one socket, which a stopped process finds all at once when it goes on. */
const group = 6
const writtenWithinMs = 500

describe('the embedded process, killed', () => {
  let data: ReturnType<typeof createTemporaryFolder>
  const opened: (() => unknown)[] = []
  async function start(more: Readonly<Record<string, string>> = {}, port = 0): Promise<EmbeddedProcess> {
    const parley = await startEmbedded({ dataFolder: data.path, port, env: { NODE_ENV: 'test', ...more } })
    opened.push(() => parley.end('SIGKILL'))
    return parley
  }

  beforeEach(() => {
    data = createTemporaryFolder()
  })
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close()
    data.remove()
  })

  /** Its event would be the first hit. */
  async function announceEpoch(): Promise<void> {
    const stores = openSqliteChatStores(join(data.path, 'chat.sqlite'))
    await stores.epoch.current()
    await stores.epoch.markAnnounced()
    await stores.close()
    // One without the other would be taken for a folder of which half is missing.
    await openSqliteAuthStores(join(data.path, 'auth.sqlite')).close()
  }

  // How many entries are then stored, marked as pending, and heard by Bob. The greeting is the first hit.
  it.each([
    { point: 'before-insert:2', stored: 1, pending: 0, heard: 1 },
    // One transaction: the entries before the point are not there either.
    { point: 'mid-group:3', stored: 1, pending: 0, heard: 1 },
    { point: 'after-insert:2', stored: 1 + group, pending: group, heard: 1 },
    { point: 'after-consume:2', stored: 1 + group, pending: group, heard: 1 },
    { point: 'after-emit:2', stored: 1 + group, pending: group, heard: 2 },
    // The whole group was emitted, and none of it is marked. Behind the first, it was yet in buffers.
    { point: 'after-publish:2', stored: 1 + group, pending: group, heard: 2 },
  ])(
    'at $point it has stored $stored, and loses and doubles nothing',
    async ({ point, stored, pending, heard }) => {
      await announceEpoch()
      const parley = await start({ FAILPOINT: point })
      const port = Number(new URL(parley.url).port)
      const people = await openPeople({ url: parley.url })
      opened.push(() => people.close())
      const stores = openSqliteChatStores(join(data.path, 'chat.sqlite'))
      opened.push(() => stores.close())
      const { conversationId } = await people.greet()
      await eventually(async () => expect(await countPending(stores)).toBe(0))

      const socket = io(parley.url, {
        transports: ['websocket'],
        reconnection: false,
        auth: { token: people.token() },
      })
      opened.push(() => socket.disconnect())
      await new Promise<void>((resolve) => socket.once('connect', resolve))
      const clientIds = Array.from({ length: group }, () => randomUUID())
      process.kill(parley.pid, 'SIGSTOP')
      clientIds.forEach((clientId, index) =>
        socket.emit(
          'message:send',
          { conversationId, clientId, text: people.textOf(2 + index) },
          () => undefined,
        ),
      )
      // A stopped process cannot say what it has got, and what comes later would be another group.
      await sleep(writtenWithinMs)
      process.kill(parley.pid, 'SIGCONT')

      expect(await parley.ended).toEqual({ code: null, signal: 'SIGKILL' })
      expect(parley.stderr()).toContain(`failpoint ${point.replace(':', ': hit ')}, this process dies`)
      await people.disconnected()
      const wreck = await readWreck(stores, conversationId)
      expectSoundWreck(wreck, people)
      expect({
        stored: wreck.stored.length,
        pending: wreck.pending,
        heard: people.heard.length,
      }).toEqual({ stored, pending, heard })

      people.sendManyAtOnce(conversationId, clientIds)
      const again = await start(sweepSoon, port)
      await people.done()
      await expectNothingLostOrDoubled(stores, conversationId, people)
      // Everything but the greeting is published now, whether or not it was before: for Alice and for Bob.
      const published = await readMetric(again.metrics, 'parley_outbox_published_total', {
        outbox: 'timeline',
      })
      const emitted = await readMetric(again.metrics, 'parley_realtime_deliveries_total', {
        event: 'timeline:entry',
      })
      expect({ published, emitted }).toEqual({
        published: messagesInAll - 1,
        emitted: 2 * (messagesInAll - 1),
      })
      expect(await again.end('SIGTERM')).toEqual({ code: 0, signal: null })
    },
    90_000,
  )

  it('refuses a failpoint outside of tests', async () => {
    await expect(start({ FAILPOINT: 'after-insert', NODE_ENV: 'production' })).rejects.toThrow(
      'FAILPOINT: is for tests only, and refused unless NODE_ENV=test',
    )
  })
})
