import amqp, { type ConsumeMessage } from 'amqplib'
import * as fc from 'fast-check'
import { eventually } from '@parley/testing/eventually.ts'
import { createAcknowledgements } from './acknowledgements.ts'

const turn = () => new Promise(setImmediate)
const message = (deliveryTag: number) => ({ fields: { deliveryTag } }) as ConsumeMessage

/** The broker's side of a channel: what it has handed out and has no answer to. */
function createBroker(count: number) {
  const unanswered = new Set(Array.from({ length: count }, (_, index) => index + 1))
  const answers: string[] = []
  const tags = (tag: number, allUpTo = false) =>
    allUpTo ? [...unanswered].filter((other) => other <= tag) : [tag]
  const settle = (answer: string) => (message: amqp.Message, allUpTo?: boolean) => {
    const { deliveryTag } = message.fields
    answers.push(`${answer} ${deliveryTag}${allUpTo ? ' and before' : ''}`)
    const settled = tags(deliveryTag, allUpTo)
    // An answer to what is not open closes the channel.
    expect(settled.every((tag) => unanswered.delete(tag))).toBe(true)
  }
  return {
    unanswered,
    answers,
    channel: {
      ack: settle('ack'),
      nack: settle('nack'),
      reject: (message: amqp.Message) => settle('reject')(message),
    },
  }
}

function receive(count: number, prefetch: number) {
  const broker = createBroker(count)
  const acks = createAcknowledgements(broker.channel, prefetch)
  const messages = Array.from({ length: count }, (_, index) => message(index + 1))
  for (const each of messages) acks.received(each)
  return { ...broker, acks, messages }
}

it('what is done with in one turn of the event loop is acknowledged as one', async () => {
  const { acks, messages, answers, unanswered } = receive(3, 10)
  for (const each of messages) acks.handled(each)
  expect(answers).toEqual([])
  await turn()
  expect(answers).toEqual(['ack 3 and before'])
  expect(unanswered.size).toBe(0)
})

it('what is done with within a short time is acknowledged as one, and sooner when it is much', async () => {
  const broker = createBroker(12)
  const acks = createAcknowledgements(broker.channel, 20, 10)
  const messages = Array.from({ length: 12 }, (_, index) => message(index + 1))
  for (const each of messages) acks.received(each)
  for (const each of messages.slice(0, 3)) {
    acks.handled(each)
    await turn()
  }
  expect(broker.answers).toEqual([])
  await eventually(() => expect(broker.answers).toEqual(['ack 3 and before']))
  for (const each of messages.slice(3, 8)) acks.handled(each)
  await turn()
  expect(broker.answers.at(-1)).toBe('ack 8 and before')
  acks.handled(messages[8]!)
  acks.flush()
  expect(broker.answers.at(-1)).toBe('ack 9 and before')
})

it('an older message that takes its time is not acknowledged with those behind it', async () => {
  const { acks, messages, answers } = receive(4, 6)
  const [first, second, third, fourth] = messages as [
    ConsumeMessage,
    ConsumeMessage,
    ConsumeMessage,
    ConsumeMessage,
  ]
  acks.handled(second)
  acks.handled(third)
  await turn()
  expect(answers).toEqual([])
  acks.handled(fourth)
  await turn()
  // Half of the prefetch: the broker must not run dry because of one.
  expect(answers).toEqual(['ack 2', 'ack 3', 'ack 4'])
  acks.handled(first)
  await turn()
  expect(answers.at(-1)).toBe('ack 1 and before')
})

it('never acknowledges what is not done with, and in the end everything', async () => {
  const step = fc.oneof(fc.constant('turn' as const), fc.constant('handled' as const))
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 }),
      fc.array(step, { minLength: 40, maxLength: 120 }),
      fc.integer({ min: 1, max: 50 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 5 }),
      async (order, steps, prefetch, givenBack) => {
        const { acks, messages, unanswered } = receive(40, prefetch)
        const open = new Set(messages.map(({ fields }) => fields.deliveryTag))
        const doneWith = (index: number) => {
          open.delete(index + 1)
          if (givenBack.includes(index)) acks.returned(messages[index]!)
          else acks.handled(messages[index]!)
        }
        const rest = [...order]
        for (const each of steps) {
          const next = each === 'handled' ? rest.shift() : undefined
          if (next === undefined) await turn()
          else doneWith(next)
          expect([...open].every((tag) => unanswered.has(tag))).toBe(true)
        }
        for (const next of rest) doneWith(next)
        await turn()
        expect(unanswered.size).toBe(0)
      },
    ),
    { numRuns: 50 },
  )
})

it('what failed and what is only given back go by different ways', () => {
  const { acks, messages, answers } = receive(2, 10)
  acks.failed(messages[0]!)
  acks.returned(messages[1]!)
  expect(answers).toEqual(['reject 1', 'nack 2'])
})

it('on a channel that is closed there is nothing to acknowledge', async () => {
  const refuse = () => {
    throw new amqp.IllegalOperationError('Channel closed')
  }
  const acks = createAcknowledgements({ ack: refuse, nack: refuse, reject: refuse }, 10)
  const [first, second] = [message(1), message(2)]
  acks.received(first)
  acks.received(second)
  acks.handled(first)
  await turn()
  acks.returned(second)
  acks.flush()
})
