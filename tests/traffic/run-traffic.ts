import { randomBytes } from 'node:crypto'
import { type Comparison, compare, type StoredConversation } from './compare.ts'
import type { Plan, PlannedSend } from './plan.ts'
import type { Acked, Life, Manners, View } from './protocol.ts'
import type { RollBack } from './roll-back.ts'
import { startWorker } from './workers.ts'

export interface TrafficReport extends Comparison {
  readonly duplicates: number
  readonly disconnects: number
  readonly seconds: number
  readonly stored: readonly StoredConversation[]
  readonly acked: readonly Acked[]
  readonly views: readonly View[]
  readonly lives: readonly Life[]
}

const settleTimeoutMs = 90_000
const lastOverMs = 1_000

/** The last of what each person says to another. */
const lastOfEach = (sends: readonly PlannedSend[]): ReadonlySet<PlannedSend> =>
  new Set(new Map(sends.map((send) => [`${send.sender}-${send.receiver}`, send])).values())

export const standardManners = { flickerMs: 1_500 } as const satisfies Manners

/**
 * Plays a plan against a running server, with users spread over several processes, and compares what every
 * client showed with what is stored.
 *
 * @param manners by default everybody sends without a pause, and goes offline every second or so
 * @param onProgress is told how many messages were accepted so far
 * @param onSent is waited for once all but the last of what each person says to another is sent; then those follow, so
 *   that something is said after whatever it waits for
 * @param rollBacks asked at the end: which restores of backups there were
 * @param readStored reads the users' conversations from the database, once all clients have settled
 */
export async function runTraffic({
  url,
  plan,
  processes,
  seed,
  manners = standardManners,
  onProgress,
  onSent,
  rollBacks = () => [],
  readStored,
}: {
  url: string
  plan: Plan
  processes: number
  seed: number
  manners?: Manners
  onProgress: (acked: number) => void
  onSent?: () => Promise<void>
  rollBacks?: () => readonly RollBack[]
  readStored: (userIds: readonly string[]) => Promise<StoredConversation[]>
}): Promise<TrafficReport> {
  const run = randomBytes(4).toString('hex')
  const ackedBy = new Map<number, number>()
  const workers = Array.from({ length: processes }, (_, index) =>
    startWorker((acked) => {
      ackedBy.set(index, acked)
      onProgress([...ackedBy.values()].reduce((sum, count) => sum + count, 0))
    }),
  )
  const ofWorker = <T>(items: readonly T[], userOf: (item: T) => number, worker: number): T[] =>
    items.filter((item) => userOf(item) % processes === worker)

  try {
    const users = Array.from({ length: plan.users }, (_, index) => ({
      index,
      email: `person-${index}-${run}@traffic.example`,
    }))
    const registered = await Promise.all(
      workers.map((worker, index) =>
        worker.order<'register'>({
          do: 'register',
          url,
          seed: seed + index,
          users: ofWorker(users, (user) => user.index, index),
        }),
      ),
    )
    const idByIndex = new Map(registered.flatMap(({ userIds }) => userIds))
    const userIds = users.map(({ index }) => idByIndex.get(index)!)

    const send = (sends: readonly PlannedSend[], how: Manners) =>
      Promise.all(
        workers.map((worker, index) =>
          worker.order<'send'>({
            do: 'send',
            manners: how,
            userIds,
            sends: ofWorker(sends, ({ sender }) => sender, index),
          }),
        ),
      )
    const last = onSent === undefined ? new Set<PlannedSend>() : lastOfEach(plan.sends)
    const startedAt = performance.now()
    let sent = await send(
      plan.sends.filter((each) => !last.has(each)),
      manners,
    )
    const seconds = (performance.now() - startedAt) / 1_000
    if (onSent !== undefined) {
      await onSent()
      // An answer holds all that was sent so far.
      sent = await send([...last], { ...manners, overMs: lastOverMs })
    }

    await Promise.all(
      workers.map((worker) => worker.order<'settle'>({ do: 'settle', timeoutMs: settleTimeoutMs })),
    )
    const stored = await readStored(userIds)
    const told = await Promise.all(workers.map((worker) => worker.order<'tell'>({ do: 'tell' })))
    const views = told.flatMap((answer) => answer.views)
    const acked = sent.flatMap((answer) => answer.acked)
    const { counts, findings } = compare({
      stored,
      views,
      acked,
      sendOrder: plan.sends.map(({ clientId }) => clientId),
      dropped: told.flatMap(({ lives }) => lives.flatMap(({ dropped }) => dropped)),
      rollBacks: rollBacks(),
    })
    return {
      counts,
      // A worker's faults are a list that grows, and the last answer holds all of it.
      findings: [...told.flatMap(({ faults }) => faults), ...findings],
      duplicates: sent.reduce((sum, answer) => sum + answer.duplicates, 0),
      disconnects: sent.reduce((sum, answer) => sum + answer.disconnects, 0),
      seconds,
      stored,
      acked,
      views,
      lives: told.flatMap(({ lives }) => lives),
    }
  } finally {
    for (const worker of workers) worker.end()
  }
}
