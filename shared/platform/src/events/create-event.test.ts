import { event as eventSchema, eventData, type EventType } from '@parley/contracts/events.ts'
import { createEvent } from './create-event.ts'

const userId = '0198c5bf-3c11-7a66-b0f7-3f4f0d3f7f10'
const data = { user: { id: userId, firstName: 'Alice', lastName: 'A' } }

it('an event is a CloudEvent that keeps to its contract', () => {
  const event = createEvent('users.user-registered.v1', { source: 'parley/auth', subject: userId, data })
  expect(eventSchema.parse(event)).toEqual(event)
  expect(event).toMatchObject({ specversion: '1.0', type: 'users.user-registered.v1', data })
})

it('an event is another one than the last, unless it is told to be the same', () => {
  const options = { source: 'parley/auth', subject: userId, data }
  const [first, second] = [1, 2].map(() => createEvent('users.user-registered.v1', options).id)
  expect(first).not.toBe(second)
  const fact = { ...options, id: 'fact-1', time: '2026-01-01T00:00:00.000Z' }
  expect(createEvent('users.user-registered.v1', fact)).toEqual(createEvent('users.user-registered.v1', fact))
})

it('every type of event has an envelope', () => {
  const enveloped = eventSchema.options.map(({ shape }) => shape.type.value)
  expect(enveloped).toEqual(Object.keys(eventData) as EventType[])
})
