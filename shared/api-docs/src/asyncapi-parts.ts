import type { JsonSchema } from './asyncapi-schemas.ts'

/** The parts of an AsyncAPI 3.0 document that Parley's uses. */
export interface Ref {
  readonly $ref: string
}

export interface Message {
  /** For programs; `title` has the name as it is on the wire. */
  readonly name: string
  readonly title: string
  readonly contentType: string
  readonly payload: JsonSchema
}

export interface Channel {
  readonly address: string
  readonly description: string
  readonly servers: readonly Ref[]
  readonly messages: Readonly<Record<string, Message>>
  readonly bindings?: object
}

/** `receive` is what clients send to Parley, `send` is what Parley sends. */
export interface Operation {
  readonly action: 'send' | 'receive'
  readonly channel: Ref
  readonly summary: string
  readonly description: string
  readonly messages: readonly Ref[]
  readonly reply?: { readonly channel: Ref; readonly messages: readonly Ref[] }
}

export interface Channels {
  readonly channels: Readonly<Record<string, Channel>>
  readonly operations: Readonly<Record<string, Operation>>
}

export const ref = (...path: readonly string[]): Ref => ({ $ref: `#/${path.join('/')}` })

/** A name that is one in every language: of `client`, `message:send` it makes `clientMessageSend`. */
export function nameOf(...words: readonly string[]): string {
  const [first = '', ...others] = words.flatMap((word) => word.split(/[^A-Za-z0-9]+/))
  return [first, ...others.map(capitalized)].join('')
}

export const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
