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
  /** Reads the counters of these containers, from which counting starts. */
  readonly begin: (containers: readonly StackContainer[]) => Promise<void>
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
  const first = new Map<string, readonly number[]>()
  const last = new Map<string, readonly number[]>()

  const readInto =
    (readings: Map<string, readonly number[]>) => async (containers: readonly StackContainer[]) => {
      const consuming = containers.filter(({ name }) => consumers.some((service) => name.startsWith(service)))
      await Promise.all(
        consuming.map(async ({ id, startedAt, sumsOfMetrics }) => {
          readings.set(`${id} ${startedAt}`, await sumsOfMetrics(Object.values(metrics)))
        }),
      )
    }

  return {
    begin: readInto(first),
    read: readInto(last),
    total() {
      const sums = Object.keys(metrics).map((metric, index) => {
        const counted = [...last].map(([key, reading]) => reading[index]! - (first.get(key)?.[index] ?? 0))
        return [metric, counted.reduce((sum, count) => sum + count, 0)]
      })
      return Object.fromEntries(sums) as BrokerCounts
    },
  }
}
