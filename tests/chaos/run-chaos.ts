import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Plan } from '../traffic/plan.ts'
import { countPending, readStored } from '../traffic/read-database.ts'
import type { RollBack } from '../traffic/roll-back.ts'
import { runTraffic, type TrafficReport } from '../traffic/run-traffic.ts'
import { waitUntilPublished } from '../traffic/wait-until-published.ts'
import { type Analysis, analyse, type Happened } from './analyse.ts'
import { type BrokerCounts, createBrokerTally } from './broker-tally.ts'
import type { Fault } from './faults.ts'
import type { Subject } from './subject.ts'

export interface ChaosReport {
  readonly counts: TrafficReport['counts']
  readonly seconds: number
  readonly disconnects: number
  readonly duplicateSends: number
  readonly analysis: Analysis
  readonly broker: BrokerCounts
  /** Events that are not known to be published, after all has come to rest. */
  readonly pending: number
  /** Faults while which nothing was said any more: only what comes back afterwards was tested. */
  readonly tooLate: readonly string[]
  /** What `npm run verify` says about the database; empty: nothing. */
  readonly verified: string
  /** Everything that breaks a promise, with ids. */
  readonly findings: readonly string[]
}

/** Faults begin when so many of the messages are accepted. */
const beginsAt = 0.02
const processes = 5

/**
 * Lets clients talk over a subject while faults happen to it, one after the other, and compares afterwards what
 * senders were told, what clients showed, and what is stored.
 * @param seconds how long a pause, a cut or a slow network lasts
 * @param restMs between a subject that is healthy again and the next fault: up to this
 * @param overMs the messages are spread over this time
 */
export async function runChaos<S extends Subject>({
  subject,
  plan,
  faults,
  seed,
  seconds,
  restMs,
  overMs,
  onProgress,
}: {
  subject: S
  plan: Plan
  faults: readonly Fault<S>[]
  seed: number
  seconds: number
  restMs: number
  overMs: number
  onProgress: (line: string) => void
}): Promise<ChaosReport> {
  const below = createRandom(seed)
  const tally = createBrokerTally()
  const happened: Happened[] = []
  const sessionsMayEnd = faults.some(({ endsSessions }) => endsSessions === true)
  const noted: string[] = []
  const rollBacks: RollBack[] = []
  const rolledBack = (rollBack: RollBack): void => void rollBacks.push(rollBack)
  const note = (finding: string): void => void noted.push(finding)
  let happening: Promise<void> | undefined
  let accepted = 0

  async function letThemHappen(): Promise<void> {
    for (const fault of faults) {
      const from = Date.now()
      const target = await fault.run({ subject, below, seconds, beforeEnd: tally.read, rolledBack, note })
      happened.push({ name: fault.name, target, from, to: Date.now() })
      await subject.healthy(fault.restarts)
      onProgress(
        `accepted ${accepted}; ${fault.name} (${target}), ${((Date.now() - from) / 1_000).toFixed(1)} s`,
      )
      await sleep(restMs / 2 + below(restMs / 2))
    }
  }

  await tally.begin(await subject.parleyContainers())
  let pending = 0
  let saidUntil = Infinity
  let reads = new Map<string, number>()
  const traffic = await runTraffic({
    url: subject.url,
    plan,
    processes,
    seed,
    manners: { overMs, flickerMs: 20_000, flickerEvery: 2, sessionsMayEnd },
    onProgress(count) {
      accepted = count
      if (accepted < plan.sends.length * beginsAt || happening !== undefined) return
      happening = letThemHappen()
      // Looked at once the sends are done; until then it is no unhandled rejection.
      happening.catch(() => undefined)
    },
    async onSent() {
      saidUntil = Date.now()
      await happening
    },
    rollBacks: () => rollBacks,
    readStored: (userIds) =>
      subject.withChatStores(async (stores) => {
        pending = await waitUntilPublished(() => countPending(stores))
        await subject.atRest()
        const stored = await readStored(stores, userIds)
        const watermarks = await stores.receipts.findMany(stored.map(({ id }) => id))
        reads = new Map(
          watermarks.map(({ userId, conversationId, read }) => [`${userId} ${conversationId}`, read]),
        )
        return stored
      }),
  })

  const { stored, acked, views, lives, counts } = traffic
  const analysis = analyse({
    stored,
    acked,
    views,
    lives,
    happened,
    rollBacks,
    readOf: (userId, conversationId) => reads.get(`${userId} ${conversationId}`) ?? 0,
  })
  await tally.read(await subject.parleyContainers())
  const unhandled = await subject.unhandledErrors()
  const verified = await subject.verify()

  const findings = [...noted, ...traffic.findings, ...analysis.findings, ...unhandled]
  if (counts.accepted < plan.sends.length)
    findings.push(`${plan.sends.length - counts.accepted} messages were not accepted`)
  if (rollBacks.length > 0 && counts.rolledBack === 0)
    findings.push('nothing was rolled back: it was no test')
  if (pending > 0) findings.push(`${pending} events are still pending`)
  if (verified !== '') findings.push(`verify: ${verified}`)
  for (const { name, recoveredAfter } of analysis.faults)
    if (recoveredAfter === undefined) findings.push(`clients did not recover from ${name}`)

  return {
    counts,
    seconds: traffic.seconds,
    disconnects: traffic.disconnects,
    duplicateSends: traffic.duplicates,
    analysis,
    broker: tally.total(),
    pending,
    tooLate: happened.filter(({ from }) => from > saidUntil).map(({ name }) => name),
    verified,
    findings,
  }
}
