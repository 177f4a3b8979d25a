import * as fc from 'fast-check'
import { foldEntries, messageFromEntry } from './fold.ts'
import { message, type TimelineEntry } from './timeline.ts'

const entry = (
  seq: number,
  { text, replyTo }: { text: string; replyTo: string | undefined },
): TimelineEntry => ({
  id: `0198c5c0-7a5e-7c44-9d0b-${String(seq).padStart(12, '0')}`,
  conversationId: '5c1f1c5e-8a59-5d3c-9d6b-0f6f6a2a9e77',
  seq,
  kind: 'message-created',
  senderId: '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10',
  clientId: `attempt-${seq}`,
  at: '2026-01-01T00:00:00.000Z',
  body: { text, ...(replyTo === undefined ? {} : { replyTo }) },
})

const said = fc.record({
  text: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''),
  replyTo: fc.option(fc.uuid(), { nil: undefined }),
})
/** A timeline, and two moments in it. */
const timelineAndMoments = fc.array(said, { maxLength: 30 }).chain((all) => {
  const moment = fc.nat({ max: all.length })
  return fc.tuple(fc.constant(all.map((one, index) => entry(index + 1, one))), moment, moment)
})

describe('folding entries into a snapshot', () => {
  it('gives the same as a fresh snapshot, wherever the entries begin that follow it', () => {
    fc.assert(
      fc.property(timelineAndMoments, ([timeline, first, second]) => {
        // The entries may begin before the snapshot's end: what it holds already must change nothing.
        const [from, until] = [Math.min(first, second), Math.max(first, second)]
        const snapshot = foldEntries([], timeline.slice(0, until))
        expect(foldEntries(snapshot, timeline.slice(from))).toEqual(foldEntries([], timeline))
      }),
    )
  })

  it('does not depend on the order in which entries arrive', () => {
    fc.assert(
      fc.property(
        timelineAndMoments.chain(([timeline]) =>
          fc.tuple(fc.constant(timeline), fc.shuffledSubarray(timeline, { minLength: timeline.length })),
        ),
        ([timeline, shuffled]) => {
          expect(foldEntries([], shuffled)).toEqual(foldEntries([], timeline))
        },
      ),
    )
  })

  it('leaves the snapshot that it was given as it was', () => {
    const snapshot = Object.freeze([messageFromEntry(entry(1, { text: 'one', replyTo: undefined }))])
    const folded = foldEntries(snapshot, [entry(2, { text: 'two', replyTo: undefined })])
    expect(snapshot).toHaveLength(1)
    expect(folded.map(({ text }) => text)).toEqual(['one', 'two'])
  })

  it('makes messages that keep to their contract', () => {
    fc.assert(
      fc.property(said, (one) => {
        const made = messageFromEntry(entry(1, one))
        expect(message.strict().parse(made)).toEqual(made)
      }),
    )
  })
})
