import type { ChatStores } from '@parley/chat/stores.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import { eventually } from '@parley/testing/eventually.ts'
import { countPending } from '../traffic/read-database.ts'
import { messagesInAll, patienceMs, type People } from './people.ts'

/** For the process that comes after: it need not wait until what it finds is surely left behind. */
export const sweepSoon = { OUTBOX_SWEEP_MS: '100', OUTBOX_SWEEP_AFTER_MS: '200' }

/** What was in the database right after the crash, before anybody could mend it. */
export interface Wreck {
  readonly stored: readonly TimelineEntry[]
  readonly pending: number
}

export const readWreck = async (stores: ChatStores, conversationId: string): Promise<Wreck> => ({
  stored: await stores.timeline.after(conversationId, 0, 1_000),
  pending: await countPending(stores),
})

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** Right after the crash: dense, and with all that anybody was told of. */
export function expectSoundWreck({ stored }: Wreck, { accepted }: People): void {
  expect(stored.map(({ seq }) => seq)).toEqual(upTo(stored.length))
  expect(stored).toEqual(expect.arrayContaining([...accepted]))
}

/** In the end: everything stored once, published, and heard once and in order. */
export async function expectNothingLostOrDoubled(
  stores: ChatStores,
  conversationId: string,
  people: People,
): Promise<void> {
  await eventually(async () => expect(await countPending(stores)).toBe(0), patienceMs)
  const { stored } = await readWreck(stores, conversationId)
  expect(stored.map(({ seq }) => seq)).toEqual(upTo(messagesInAll))
  expect(stored.map(({ clientId }) => clientId).toSorted()).toEqual(people.sent.toSorted())
  expect(people.accepted.toSorted((one, other) => one.seq - other.seq)).toEqual(stored)
  expect(people.heard).toEqual(stored)
}

/** The value of a metric at an address of metrics, summed over the lines that have all of these labels. */
export async function readMetric(
  metrics: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(metrics)).text()
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
