import type { StackContainer } from '../stack/composed-stack.ts'

/** What consumers absorbed. */
export interface BrokerCounts {
  /** Messages that the broker delivered a second time. */
  readonly redelivered: number
  /** Events that came again, and were dropped by their id. */
  readonly duplicates: number
  readonly deadLettered: number
}

/** Adds up counters of processes that come and go. */
export interface BrokerTally {
  /** Reads the counters of these containers: the last reading of each process counts. */
  readonly read: (containers: readonly StackContainer[]) => Promise<void>
  readonly total: () => BrokerCounts
}

const metrics: Readonly<Record<keyof BrokerCounts, string>> = {
  redelivered: 'parley_bus_redelivered_total',
  duplicates: 'parley_bus_duplicates_total',
  deadLettered: 'parley_bus_dead_lettered_total',
}
const consumers = ['chat', 'realtime']

export function createBrokerTally(): BrokerTally {
  const readings = new Map<string, BrokerCounts>()

  async function readOne({ id, startedAt, sumsOfMetrics }: StackContainer): Promise<void> {
    const [redelivered = 0, duplicates = 0, deadLettered = 0] = await sumsOfMetrics(Object.values(metrics))
    readings.set(`${id} ${startedAt}`, { redelivered, duplicates, deadLettered })
  }

  return {
    async read(containers) {
      const consuming = containers.filter(({ name }) => consumers.some((service) => name.startsWith(service)))
      await Promise.all(consuming.map(readOne))
    },
    total() {
      const sum = (metric: keyof BrokerCounts): number =>
        [...readings.values()].reduce((total, reading) => total + reading[metric], 0)
      return {
        redelivered: sum('redelivered'),
        duplicates: sum('duplicates'),
        deadLettered: sum('deadLettered'),
      }
    },
  }
}
