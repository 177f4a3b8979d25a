import type { LoginRequest } from '@parley/contracts/sessions.ts'
import type { TimelineEntry } from '@parley/contracts/timeline.ts'
import type { CreateUserRequest, User } from '@parley/contracts/users.ts'
import type { Limited } from './connection/limits.ts'
import type { Conversations } from './conversations/conversations.ts'
import type { ClientEvents, ClientState } from './events/client-events.ts'
import type { Emitter } from './events/emitter.ts'
import type { SavedPositions } from './options.ts'
import type { AdvanceReceipt } from './receipts/advance-receipt.ts'
import type { OutgoingMessage } from './sending/sender.ts'
import type { UnsentMessage } from './sending/unsent.ts'
import type { SavedSession } from './session/saved-session.ts'
import type { Users } from './users/users.ts'

/**
 * One user's access to a Parley server, in Node 20 or later and in browsers.
 *
 * Calls reject with a `ParleyClientError`. Those that ask or tell once reject with `unavailable` when the
 * server cannot be had; `connect` and `send` go on until they are done.
 */
export interface ParleyClient {
  /** Creates an account. Log in next. */
  register(person: CreateUserRequest): Promise<User>
  /** Begins a session. A client is for one user: make another client for another one. */
  logIn(credentials: LoginRequest): Promise<User>
  /** Goes on with what the last `session` event told, without asking the server. */
  resume(session: SavedSession): User
  /**
   * Goes offline, forgets the tokens, and ends the session on the server.
   * @throws ParleyClientError when the server could not be told
   */
  logOut(): Promise<void>
  /** Who is logged in. */
  readonly user: User | undefined

  /**
   * Connects, and stays connected until `disconnect()` or the end of the session, however often the
   * connection is lost. Resolves once the client is live for the first time; where no socket can be had, entries
   * come all the same (see `limited`).
   * @throws ParleyClientError `not-logged-in`, `disconnected`; not because the server is away
   */
  connect(): Promise<void>
  /** Goes offline: closes the socket and stops fetching. Messages on their way are still sent, over HTTP. */
  disconnect(): void
  /**
   * Goes offline for good: rejects what is on its way and every later call with `closed`, forgets all
   * listeners, and leaves no timer behind. `unsent()` and `positions()` still tell, for the next run of the app.
   */
  close(): void
  readonly state: ClientState
  /** What is known to keep the client from being live, such as a network that lets no sockets through. */
  readonly limited: Limited | undefined
  /** Listens to an event, up to 1,000 times (`too-many-listeners`); returns how to stop. */
  readonly on: Emitter<ClientEvents>['on']

  /**
   * Sends a message, and tries until the server has accepted it or refused it for good. Needs no connection.
   * Messages into one conversation, or to one person, are accepted in the order of the calls. Also takes what
   * `unsent()` told, in this run of the app or an earlier one: with the same `clientId`, it is stored once.
   * @param options `signal` gives up: the message is not tried again, but whether it was accepted is not known
   * @throws ParleyClientError `queue-full`: more than `maxUnsent` wait already, and this one was not taken;
   *   `not-logged-in`: the session ended before it was accepted; or why the server refused it for good
   */
  send(
    message: OutgoingMessage | UnsentMessage,
    options?: { readonly signal?: AbortSignal },
  ): Promise<TimelineEntry>
  /**
   * What `send` was given and the server has not accepted, refused, nor the app given up yet, in the order of
   * the calls. When the session ends it is still all there while `session` and `session-ended` are told.
   */
  unsent(): readonly UnsentMessage[]

  readonly conversations: Conversations
  readonly users: Users
  readonly receipts: {
    /** Moves the user's watermarks forward; tries once. `read` implies `delivered`. */
    readonly advance: AdvanceReceipt
  }
  /** Tells the others in a conversation that the user types, or stopped. Lost when there is no connection. */
  typing(conversationId: string, typing: boolean): void
  readonly presence: {
    /** Asks about these people, instead of those before: `presence` events say who is online from now on. */
    watch(userIds: readonly string[]): void
  }

  /** The highest seq of a conversation that was handed out as an `entry` event. */
  position(conversationId: string): number
  /** What to give as `from` to go on later; undefined before the first `connect()` knows where now is. */
  positions(): SavedPositions | undefined
}
