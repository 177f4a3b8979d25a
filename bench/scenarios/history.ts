import type { EmbeddedSystem } from '../systems/embedded.ts'
import { fillSqlite } from '../systems/fill-sqlite.ts'
import { measureRequests, requestColumns } from './requests.ts'
import { durationOf, type Scenario } from './scenario.ts'

const small = 1_000
const large = 1_000_000
const standardRate = 200
const pageSize = 50
/** From the newest page to the one at the middle of the conversation. */
const places = [undefined, 0.9, 0.5]

const ratioOf = (name: string, figure: string, target?: { atMost: number }) => ({
  name: `${name}: 10⁶ ÷ 10³ entries`,
  over: { subject: '10⁶ entries', figure },
  under: { subject: '10³ entries', figure },
  ...(target === undefined ? {} : { target }),
})

/**
 * A page of 50 messages by HTTP, from a conversation of a thousand entries and from one of a million: the newest page,
 * and pages further back. The entries are written straight into the SQLite file, through its own tables, while the
 * process does not run.
 */
export const history: Scenario = {
  name: 'history',
  what: 'CPU and latency of a history page in conversations of 10³ and 10⁶ entries',
  modes: ['embedded'],
  async measure(bench) {
    const rate = bench.options.rate ?? standardRate
    const seconds = durationOf(bench, { full: 10, short: 4 })
    const parley = (await bench.openParley()) as EmbeddedSystem
    const [reader, one, other] = await parley.createPeople(3)
    let ids: string[] = []
    bench.say(`writes a conversation of ${large} entries`)
    await parley.restart(async () => {
      ids = await fillSqlite(parley.dataFolder, [
        { members: [reader!.id, one!.id], entries: small },
        { members: [reader!.id, other!.id], entries: large },
      ])
    })

    const pagesOf = (id: string, entries: number) =>
      places.map((place) => ({
        method: 'GET' as const,
        path:
          `/chat/conversations/${id}/messages?limit=${pageSize}` +
          (place === undefined ? '' : `&before=${Math.ceil(entries * place)}`),
        token: reader!.token,
      }))
    const runs = await measureRequests(
      bench,
      parley,
      [
        { name: '10³ entries', requests: pagesOf(ids[0]!, small) },
        { name: '10⁶ entries', requests: pagesOf(ids[1]!, large) },
      ],
      { rate, seconds },
    )
    return {
      load: `${rate} pages of ${pageSize} messages per second, ${seconds} s`,
      columns: requestColumns,
      runs,
      ratios: [ratioOf('CPU per page', 'cpu', { atMost: 1.2 }), ratioOf('p50 of a page', 'answerP50')],
      notes: [],
    }
  },
}
