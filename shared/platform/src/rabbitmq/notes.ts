import type { Message } from 'amqplib'

/** What a message that could not be handled says about itself, as headers. */
export const notes = {
  queue: 'x-parley-queue',
  reason: 'x-parley-reason',
  error: 'x-parley-error',
  attempts: 'x-parley-attempts',
  firstFailedAt: 'x-parley-first-failed-at',
  diedAt: 'x-parley-died-at',
} as const

export type Headers = Readonly<Record<string, unknown>>

export const headersOf = ({ properties }: Pick<Message, 'properties'>): Headers => properties.headers ?? {}

export const attemptsOf = (headers: Headers): number => Number(headers[notes.attempts] ?? 0)

/** What RabbitMQ wrote about deliveries and deaths: true for this message, not for a copy of it. */
const brokerNotes = /^x-(.*death.*|delivery-count|acquired-count)$/

/** For a copy that carries on: our notes stay. */
export const withoutBrokerNotes = (headers: Headers): Headers => without(headers, [brokerNotes])

/** For a copy that begins anew. */
export const withoutNotes = (headers: Headers): Headers => without(headers, [brokerNotes, /^x-parley-/])

const without = (headers: Headers, names: readonly RegExp[]): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.some((pattern) => pattern.test(name))))
