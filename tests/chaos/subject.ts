import type { ComposedStack } from '../stack/composed-stack.ts'

/** What clients talk to while faults happen to it, and what is asked of it afterwards. */
export interface Subject extends Pick<
  ComposedStack,
  'url' | 'parleyContainers' | 'unhandledErrors' | 'withChatStores'
> {
  /** Waits until all containers of these services run and are healthy. @throws when that takes too long */
  healthy(services: readonly string[]): Promise<void>
  /** Waits until nothing is on its way to a socket any more. */
  atRest(): Promise<void>
  /** What `npm run verify` says about the database; empty: nothing. */
  verify(): Promise<string>
  /** Writes what its containers said into `.ci/out`. */
  saveLogs(): Promise<void>
  /** Removes its containers, networks and volumes. */
  down(): Promise<void>
}
