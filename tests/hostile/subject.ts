import type { Subject } from '../chaos/subject.ts'

/** What honest and hostile people talk to at the same time. */
export interface HostileSubject extends Subject {
  readonly name: string
  /** The most memory of each process or container since this was asked before, in MB. */
  peaks(): Readonly<Record<string, number>>
  /** What has ended since this was asked before; each is started again by itself. */
  ended(): Promise<readonly string[]>
}
