import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { createParleyClient } from './create-parley-client.ts'
import type { ParleyClientOptions, SavedPositions } from './options.ts'
import type { ParleyClient } from './parley-client.ts'
import { alice, bob, createProtocolServer, type ProtocolServer } from './testing/protocol-server.ts'

const room = '00000000-0000-4000-8000-000000000001'

describe('after a backup was restored', () => {
  let server: ProtocolServer
  let clients: ParleyClient[]
  /** What apps load, which the end of a test may cut off. */
  let loads: Promise<unknown>[]
  beforeEach(async () => {
    server = await createProtocolServer()
    server.epoch = 'before'
    clients = []
    loads = []
  })
  afterEach(async () => {
    const settled = Promise.allSettled(loads)
    for (const client of clients) client.close()
    await settled
    await server.stop()
  })

  /** An app that shows entries as they come, and begins anew when it is told to: it loads history then. */
  async function openApp(options: Partial<ParleyClientOptions> = {}) {
    const client = createParleyClient({
      url: server.url,
      backoff: { minMs: 5, maxMs: 50 },
      holeGraceMs: 5,
      random: () => 0,
      ...options,
    })
    clients.push(client)
    const shown = new Map<number, string>()
    const restarts: string[] = []
    const show = ({ seq, text }: { seq: number; text: string }): void => void shown.set(seq, text)
    client.on('entry', ({ seq, body }: TimelineEntry) => show({ seq, text: body.text }))
    client.on('restart', ({ epoch }) => {
      restarts.push(epoch)
      shown.clear()
      loads.push(client.conversations.history(room).then(({ messages }) => messages.forEach(show)))
    })
    await client.logIn({ email: alice.email, password: 'correct horse battery' })
    return { client, restarts, texts: () => [...shown].toSorted(([a], [b]) => a - b).map(([, text]) => text) }
  }
  const say = (...texts: string[]) => texts.forEach((text) => server.say(room, bob, text))

  it('everything is shown that others said since, also below what was seen before', async () => {
    const app = await openApp({ from: 'beginning' })
    await app.client.connect()
    say('1', '2', '3', '4', '5')
    await eventually(() => expect(app.texts()).toHaveLength(5))
    await server.stop()
    server.restore(room, 2, 'after')
    say('new 3', 'new 4')
    await server.start()
    await eventually(() => expect(app.texts()).toEqual(['1', '2', 'new 3', 'new 4']))
    say('new 5', 'new 6')
    await eventually(() => expect(app.texts()).toEqual(['1', '2', 'new 3', 'new 4', 'new 5', 'new 6']))
    expect(app.client.state).toBe('live')
    expect(app.restarts).toEqual(['after'])
  })

  it('a client that began with now goes on from where the data is, and loads what is before', async () => {
    const app = await openApp()
    await app.client.connect()
    say('1', '2', '3', '4', '5')
    await eventually(() => expect(app.texts()).toHaveLength(5))
    await server.stop()
    server.restore(room, 2, 'after')
    say('new 3', 'new 4', 'new 5', 'new 6')
    await server.start()
    await eventually(() => expect(app.texts()).toEqual(['1', '2', 'new 3', 'new 4', 'new 5', 'new 6']))
    say('new 7')
    await eventually(() => expect(app.texts().at(-1)).toBe('new 7'))
    expect(app.texts()).toHaveLength(7)
  })

  it('nothing is missed that is said between what the app loads and where entries go on', async () => {
    const app = await openApp()
    const { client } = app
    await client.connect()
    say('1', '2', '3')
    await eventually(() => expect(app.texts()).toHaveLength(3))
    await server.stop()
    server.restore(room, 1, 'after')
    say('new 2')
    let comparisons = 0
    const loaded = Promise.withResolvers<void>()
    client.on('restart', () => {
      loads.push(client.conversations.history(room).then(() => loaded.resolve()))
    })
    server.fault = async ({ route }) => {
      // The first one tells of the restore, the second one where entries go on.
      if (route !== 'GET /chat/heads' || (comparisons += 1) !== 2) return undefined
      if (app.restarts.length > 0) await loaded.promise
      say('new 3')
      return undefined
    }
    server.delivers = false
    await server.start()
    await eventually(() => expect(client.state).toBe('live'))
    await eventually(() => expect(app.texts()).toEqual(['1', 'new 2', 'new 3']))
    expect(app.restarts).toEqual(['after'])
  })

  it('sockets that stayed find out when they are told to compare', async () => {
    const app = await openApp({ from: 'beginning', headsEveryMs: 3_600_000 })
    await app.client.connect()
    say('1', '2', '3')
    await eventually(() => expect(app.texts()).toHaveLength(3))
    server.delivers = false
    server.restore(room, 1, 'after')
    say('new 2', 'new 3')
    for (const socket of server.sockets()) socket.emit('timeline:behind', { withinMs: 0 })
    await eventually(() => expect(app.texts()).toEqual(['1', 'new 2', 'new 3']))
    expect(app.restarts).toEqual(['after'])
  })

  it('a hole is not filled with entries of other data', async () => {
    const app = await openApp({ from: 'beginning', headsEveryMs: 3_600_000 })
    await app.client.connect()
    say('1', '2')
    await eventually(() => expect(app.texts()).toHaveLength(2))
    server.delivers = false
    server.restore(room, 1, 'after')
    say('new 2', 'new 3')
    server.delivers = true
    say('new 4')
    await eventually(() => expect(app.texts()).toEqual(['1', 'new 2', 'new 3', 'new 4']))
    expect(app.restarts).toEqual(['after'])
  })

  it('stored positions of other data are not gone on with', async () => {
    const first = await openApp({ from: 'beginning' })
    await first.client.connect()
    say('1', '2', '3')
    await eventually(() => expect(first.texts()).toHaveLength(3))
    const positions = first.client.positions() as SavedPositions
    expect(positions).toMatchObject({ epoch: 'before', seqs: { [room]: 3 } })
    first.client.close()

    server.restore(room, 1, 'after')
    say('new 2')
    const second = await openApp({ from: positions })
    await second.client.connect()
    await eventually(() => expect(second.texts()).toEqual(['1', 'new 2']))
    expect(second.client.positions()).toMatchObject({ epoch: 'after', seqs: { [room]: 2 } })
  })

  it('what is unsent is sent', async () => {
    const app = await openApp({ from: 'beginning' })
    await app.client.connect()
    say('1', '2')
    await eventually(() => expect(app.texts()).toHaveLength(2))
    await server.stop()
    const sent = app.client.send({ conversationId: room, text: 'mine' })
    server.restore(room, 1, 'after')
    await server.start()
    expect(await sent).toMatchObject({ seq: 2 })
    await eventually(() => expect(app.texts()).toEqual(['1', 'mine']))
    expect(app.client.unsent()).toEqual([])
  })

  it('a server that does not say which data it has is taken as before', async () => {
    server.epoch = undefined
    const app = await openApp({ from: 'beginning' })
    await app.client.connect()
    say('1')
    await eventually(() => expect(app.texts()).toEqual(['1']))
    expect(app.client.positions()).not.toHaveProperty('epoch')
    expect(app.restarts).toEqual([])
  })
})
