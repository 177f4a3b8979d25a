import type { Person, Sending } from '../load/protocol.ts'

/** Where CPU goes: the system itself, or what it needs to run. */
export type Part = 'own' | 'nginx' | 'rabbitmq' | 'redis' | 'database'

export interface CpuReading {
  /** Of the process or container. */
  readonly name: string
  readonly part: Part
  /** User and system time so far. */
  readonly microseconds: number
}

/** A server that is measured, with everything that belongs to it. */
export interface System {
  readonly name: string
  readonly url: string
  /** Where its metrics are, if they can be asked for from here. */
  readonly metrics?: string
  /** Makes people and logs them in. */
  createPeople(count: number): Promise<Person[]>
  cpu(): Promise<CpuReading[]>
  /** Memory in RAM of its own processes, in bytes. */
  residentBytes(): Promise<number>
  /** Makes the server send by itself on a schedule, where it can. */
  readonly emit?: (sending: Sending, order: EmitOrder) => Promise<{ deliveries: number }>
  /** To its own processes: they do what they were started to do on SIGUSR2, or end. */
  signal(): Promise<void>
  close(): Promise<void>
}

/** What a server that sends by itself needs to know of the cast. */
export interface EmitOrder {
  readonly ids: readonly string[]
  readonly devices: readonly number[]
  readonly conversations: readonly (readonly [number, number])[]
}
