import { isRetryable, ParleyClientError } from '@parley/client/client-error.ts'
import type { ParleyClient } from '@parley/client/parley-client.ts'
import type { Person } from '@parley/contracts/users.ts'
import { type ReadonlySignal, signal } from '@preact/signals-core'
import { askPatiently } from '../connection/ask-patiently.ts'

/** People whom no conversation tells about: found by a search, or named by an address. */
export interface Directory {
  readonly people: ReadonlySignal<ReadonlyMap<string, Person>>
  add(person: Person): void
  /** Those whom the server does not know. */
  readonly nobody: ReadonlySignal<ReadonlySet<string>>
  /** Asks for a person who is not here yet, and again on the next connection if that fails. */
  find(userId: string): Promise<void>
}

export function createDirectory(client: ParleyClient): Directory {
  const people = signal<ReadonlyMap<string, Person>>(new Map())
  const add = (person: Person): void => {
    people.value = new Map(people.value).set(person.id, person)
  }
  const nobody = signal<ReadonlySet<string>>(new Set())
  const wanted = new Set<string>()

  async function find(userId: string): Promise<void> {
    if (people.value.has(userId)) return
    wanted.add(userId)
    try {
      add(await askPatiently(() => client.users.find(userId)))
      wanted.delete(userId)
    } catch (error) {
      if (!(error instanceof ParleyClientError) || isRetryable(error)) return
      wanted.delete(userId)
      nobody.value = new Set(nobody.value).add(userId)
    }
  }

  client.on('state', (state) => {
    if (state === 'live') for (const userId of wanted) void find(userId)
  })

  return { people, nobody, add, find }
}
