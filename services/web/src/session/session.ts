import type { DeviceShelf } from '@parley/client/options.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { CreateUserRequest } from '@parley/contracts/users.ts'
import type { LoginRequest } from '@parley/contracts/sessions.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'
import { type Chat, createChat } from '../chat.ts'
import { goTo, listAddress } from '../route.ts'
import { createKeptStorage } from '../storage/kept-storage.ts'
import { createSessionVault, createSharedClient, createTurnsOfTabs, sessionKey } from './shared-client.ts'

/** Who uses this browser: nobody, or one user with everything that belongs to them. */
export interface Session {
  /** Undefined: nobody is logged in. */
  readonly chat: ReadonlySignal<Chat | undefined>
  /** Why nobody is logged in any more, if there is something to say. */
  readonly notice: ReadonlySignal<string | undefined>
  /** @throws ParleyClientError */
  logIn(credentials: LoginRequest): Promise<void>
  /** Makes an account, and logs nobody in. @throws ParleyClientError */
  register(person: CreateUserRequest): Promise<void>
  /** Ends the session on the server too, and forgets what the browser kept of this user. */
  logOut(): Promise<void>
}

const endings: Readonly<Record<string, string>> = {
  logout: 'You logged out elsewhere.',
  'logout-everywhere': 'You logged out everywhere.',
  'refresh-token-reused': 'Your session was ended to keep it safe. Please log in again.',
}
/** Stays when somebody logs out: it says only that this browser is known. */
const deviceKey = 'parley.device'
const ended = 'Your session has ended. Please log in again.'

/** Goes on with the stored session, if there is one, and follows what other tabs do. */
export function openSession(window: Window & typeof globalThis): Session {
  const storage = createKeptStorage(() => window.localStorage)
  const vault = createSessionVault(storage)
  const turns = createTurnsOfTabs({ locks: window.navigator.locks })
  const chat = signal<Chat | undefined>(undefined)
  const notice = signal<string | undefined>(undefined)

  const device: DeviceShelf = {
    read: () => storage.getItem(deviceKey) ?? undefined,
    write: (text) => storage.setItem(deviceKey, text),
  }
  const createClient = (): ParleyClient =>
    createSharedClient({
      vault,
      turns,
      device,
      url: window.location.origin,
      backoff: { minMs: 200, maxMs: 10_000 },
    })

  function enter(client: ParleyClient): void {
    const { user } = client
    if (user === undefined) return
    client.on('session-ended', ({ reason }) => leave(endings[reason] ?? ended))
    client.on('restart', beginAnew)
    // Another tab may have logged in while this one did.
    leave()
    chat.value = createChat(client, user, window, storage)
  }

  function leave(why?: string): void {
    const left = chat.value
    chat.value = undefined
    notice.value = why
    left?.close()
  }

  function goOnWithStored(): void {
    const stored = vault.read()
    if (stored === undefined) return
    const client = createClient()
    client.resume(stored)
    enter(client)
  }

  /** The server was restored from a backup: nothing that is shown is to be relied on. What is unsent is kept, and sent. */
  function beginAnew(): void {
    if (storage.isKept.value) return window.location.reload()
    // What only this page keeps, it keeps.
    leave()
    goOnWithStored()
  }

  window.addEventListener('storage', ({ key }) => {
    if (key !== sessionKey && key !== null) return
    const stored = vault.read()
    const current = chat.value
    if (stored?.user.id === current?.me.id) {
      // Another tab exchanged the tokens.
      if (stored !== undefined) current?.client.resume(stored)
      return
    }
    if (current !== undefined) leave(stored === undefined ? 'You logged out in another window.' : undefined)
    goOnWithStored()
  })
  goOnWithStored()

  return {
    chat,
    notice,
    async logIn(credentials) {
      const client = createClient()
      try {
        await client.logIn(credentials)
      } catch (error) {
        client.close()
        throw error
      }
      enter(client)
    },
    async register(person) {
      const client = createClient()
      try {
        await client.register(person)
      } finally {
        client.close()
      }
    },
    async logOut() {
      const current = chat.value
      if (current === undefined) return
      forget(current)
      let why: string | undefined
      try {
        await current.client.logOut()
      } catch {
        why = 'You are logged out here, but the server could not be told.'
      }
      // Meanwhile something may have been written.
      forget(current)
      leave(why)
    },
  }
}

function forget(left: Chat): void {
  left.forget()
  // Whoever logs in next does not begin with whom this user talked to.
  goTo(listAddress)
}
