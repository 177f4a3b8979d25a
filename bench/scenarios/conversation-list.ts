import { randomUUID } from 'node:crypto'
import type { EmbeddedSystem } from '../systems/embedded.ts'
import { fillSqlite } from '../systems/fill-sqlite.ts'
import { measureRequests, requestColumns } from './requests.ts'
import { durationOf, type Scenario } from './scenario.ts'

const many = 1_000
const few = 50
const entriesEach = 20
const standardRate = 40

/**
 * The first page (50 conversations, each with its last message and unread count) of somebody with a thousand
 * conversations, beside that of somebody with fifty. Conversations and the people in them are written straight into
 * the chat service's SQLite file.
 */
export const conversationList: Scenario = {
  name: 'conversation-list',
  what: 'CPU and latency of the first page of a list of 1,000 conversations, beside one of 50',
  modes: ['embedded'],
  async measure(bench) {
    const rate = bench.options.rate ?? standardRate
    const seconds = durationOf(bench, { full: 10, short: 4 })
    const parley = (await bench.openParley()) as EmbeddedSystem
    const [popular, quiet] = await parley.createPeople(2)
    bench.say(`writes ${many + few} conversations`)
    await parley.restart(async () => {
      const strangers = Array.from({ length: many }, (_, index) => ({
        id: randomUUID(),
        firstName: 'Stranger',
        lastName: String(index),
      }))
      const conversations = [popular!, quiet!].flatMap(({ id }, index) =>
        strangers
          .slice(0, index === 0 ? many : few)
          .map((stranger) => ({ members: [id, stranger.id] as const, entries: entriesEach })),
      )
      await fillSqlite(parley.dataFolder, conversations, strangers)
    })
    const listOf = (token: string) => [
      { method: 'GET' as const, path: `/chat/conversations?limit=${few}`, token },
    ]
    const runs = await measureRequests(
      bench,
      parley,
      [
        { name: `${few} conversations`, requests: listOf(quiet!.token) },
        { name: `${many} conversations`, requests: listOf(popular!.token) },
      ],
      { rate, seconds, warmUp: 200 },
    )
    return {
      load: `${rate} pages of ${few} conversations per second, ${seconds} s`,
      columns: requestColumns,
      runs,
      ratios: [
        {
          name: `CPU per page: list of ${many} ÷ list of ${few}`,
          over: { subject: `${many} conversations`, figure: 'cpu' },
          under: { subject: `${few} conversations`, figure: 'cpu' },
        },
      ],
      notes: [],
    }
  },
}
