import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { SimulatedApp } from './simulated-app.ts'

type Conversations = ReadonlyMap<string, readonly TimelineEntry[]>

/** Everything from where it began, in order, each once, and nothing else. */
export function wrongInView(
  { from, shown, firstLive }: SimulatedApp,
  conversations: Conversations,
  history: number,
): string[] {
  const problems: string[] = []
  for (const [id, entries] of conversations) {
    const view = shown.filter(({ conversationId }) => conversationId === id)
    const start = view[0]?.seq ?? entries.length + 1
    const expected = entries.slice(start - 1)
    const [earliest, latest] =
      from === 'beginning' ? [1, 1] : [id === 'room' ? history + 1 : 1, (firstLive?.[id] ?? 0) + 1]
    if (start < earliest || start > latest || list(view) !== list(expected))
      problems.push(`${id} was shown as: ${list(view)}; is: ${list(entries)}`)
  }
  return problems
}

const list = (some: readonly TimelineEntry[]): string =>
  some.map(({ seq, body, clientId }) => `${seq} ${body.text} (${clientId})`).join(', ')

/** What neither a socket nor an answer to a send brought was fetched, and counted in a resync. */
export function wrongInResyncs({ resyncs, restarts, shown, device }: SimulatedApp): string[] {
  if (restarts > 0) return []
  const counted = resyncs.reduce((sum, { entries }) => sum + entries, 0)
  const fetched = shown.filter(
    ({ conversationId, seq }) => !device.told.has(`${conversationId}-${seq}`),
  ).length
  const wrong = counted < fetched || counted > shown.length || resyncs.some(({ ms }) => ms < 0)
  return wrong ? [`${fetched} were fetched, ${counted} were counted, ${shown.length} were shown`] : []
}

/** Each accepted message is stored once, as it is, and those of one app into one lane in order. */
export function wrongInSends(apps: readonly SimulatedApp[], conversations: Conversations): string[] {
  const problems: string[] = []
  for (const [id, entries] of conversations) {
    const texts = entries.map(({ body }) => body.text)
    if (new Set(texts).size < texts.length) problems.push(`stored twice in ${id}: ${texts.join(', ')}`)
    for (const app of apps) {
      const kept = app.sent.filter(({ lane, givenUp }) => lane === id && !givenUp)
      const wanted = kept.map(({ text }) => text)
      const stored = texts.filter((text) => wanted.includes(text))
      if (stored.join() !== wanted.join())
        problems.push(`into ${id} were sent: ${wanted.join()}; stored: ${stored.join()}`)
    }
  }
  for (const { accepted, lane, text, clientId } of apps.flatMap(({ sent }) => sent)) {
    const stored = accepted && conversations.get(lane)?.[accepted.seq - 1]
    if (accepted && (stored?.body.text !== text || stored.clientId !== clientId))
      problems.push(`${text} was accepted, but is not stored there`)
  }
  return problems
}
