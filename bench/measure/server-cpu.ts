import { setTimeout as sleep } from 'node:timers/promises'
import type { CpuReading, Part, System } from '../systems/system.ts'

/** CPU that the processes of a system used within a window, in microseconds. */
export interface ServerCpu {
  readonly byName: Readonly<Record<string, number>>
  readonly byPart: Readonly<Partial<Record<Part, number>>>
  readonly seconds: number
}

/** What is done after the last message has come: marks in the outbox, logs. It belongs to the messages. */
const settleMs = 400

/** From one barrier to the other: nothing is under way when the work begins and when it has ended. */
export async function countCpu<T>(
  system: Pick<System, 'cpu'>,
  work: () => Promise<T>,
): Promise<{ result: T; cpu: ServerCpu }> {
  const before = await system.cpu()
  const began = performance.now()
  const result = await work()
  await sleep(settleMs)
  const after = await system.cpu()
  return { result, cpu: differenceOf(before, after, (performance.now() - began) / 1_000) }
}

function differenceOf(
  before: readonly CpuReading[],
  after: readonly CpuReading[],
  seconds: number,
): ServerCpu {
  const byName: Record<string, number> = {}
  const byPart: Partial<Record<Part, number>> = {}
  for (const { name, part, microseconds } of after) {
    const used = microseconds - (before.find((reading) => reading.name === name)?.microseconds ?? 0)
    byName[name] = used
    byPart[part] = (byPart[part] ?? 0) + used
  }
  return { byName, byPart, seconds }
}

/** Everything but the database, which is a stand-in in the stack here; embedded it is part of the process. */
export function withoutDatabase({ byPart }: ServerCpu): number {
  const { database: _, ...others } = byPart
  return Object.values(others).reduce((sum, microseconds) => sum + microseconds, 0)
}

export const totalOf = ({ byName }: ServerCpu): number =>
  Object.values(byName).reduce((sum, microseconds) => sum + microseconds, 0)
