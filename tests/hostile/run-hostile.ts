import { setTimeout as sleep } from 'node:timers/promises'
import { createPlan } from '../traffic/plan.ts'
import { countPending, readStored } from '../traffic/read-database.ts'
import { runTraffic, type TrafficReport } from '../traffic/run-traffic.ts'
import { waitUntilPublished } from '../traffic/wait-until-published.ts'
import { type Attacker, startAttacker } from './attacker.ts'
import { deliveriesOf, sendsOf, type Waits, waitsOf, type Window } from './figures.ts'
import { inviteRegulars } from './regulars.ts'
import type { HostileSubject } from './subject.ts'

/** Some hostile kinds at the same time. */
export interface Phase {
  readonly name: string
  readonly kinds: readonly string[]
  readonly seconds: number
}

export interface PhaseReport {
  readonly name: string
  readonly waits: Readonly<Record<'sends' | 'deliveries' | 'reads' | 'logins', Waits>>
  /** The most memory of each process, in MB: in the calm before, and with them. */
  readonly calmPeaks: Readonly<Record<string, number>>
  readonly peaks: Readonly<Record<string, number>>
  readonly ended: readonly string[]
  /** What the hostile ones did, and what they were answered. */
  readonly counts: Readonly<Record<string, number>>
}

export interface HostileReport {
  readonly subject: string
  readonly phases: readonly PhaseReport[]
  readonly counts: TrafficReport['counts']
  readonly loginsPutOff: number
  /** Everything that breaks a promise. */
  readonly findings: readonly string[]
}

const users = 30
const conversations = 30
const messagesPerSecond = 30
const processes = 2
/** Phases begin when so many messages are accepted: everybody is connected then. */
const beginsAt = 20

/**
 * Honest people talk, come and go over all of the time; hostile ones come for a phase each, with a calm before it.
 * @param restSeconds after each phase, before the next calm
 * @param aroundSeconds for a restart in each phase, and for what begins and ends
 */
export async function runHostile({
  subject,
  phases,
  calmSeconds,
  restSeconds,
  aroundSeconds,
  seed,
  onProgress,
}: {
  subject: HostileSubject
  phases: readonly Phase[]
  calmSeconds: number
  restSeconds: number
  aroundSeconds: number
  seed: number
  onProgress: (line: string) => void
}): Promise<HostileReport> {
  const seconds = phases.reduce(
    (sum, phase) => sum + calmSeconds + phase.seconds + restSeconds + aroundSeconds,
    0,
  )
  const plan = createPlan({ seed, users, conversations, messages: Math.ceil(seconds * messagesPerSecond) })
  const { url } = subject

  const regulars = await inviteRegulars(url)
  const target = { url, victims: regulars.emails, userIds: regulars.ids }
  const attackers = new Map<Phase, Attacker[]>()
  const lived: (Omit<PhaseReport, 'waits'> & { calm: Window; hostile: Window })[] = []
  let happening: Promise<void> | undefined

  async function live(phase: Phase): Promise<void> {
    subject.peaks()
    const calm = { from: Date.now(), to: 0 }
    await sleep(calmSeconds * 1_000)
    calm.to = Date.now()
    const calmPeaks = subject.peaks()

    const hostile = { from: Date.now(), to: 0 }
    const here = attackers.get(phase)!
    await Promise.all(here.map((attacker) => attacker.begin()))
    await sleep(phase.seconds * 1_000)
    hostile.to = Date.now()
    const counts: Record<string, number> = {}
    for (const attacker of here) {
      const done = await attacker.end()
      attacker.close()
      for (const [what, count] of Object.entries(done)) counts[`${attacker.kind}: ${what}`] = count
    }
    const peaks = subject.peaks()
    const ended = await subject.ended()
    await subject.healthy([])
    const { name } = phase
    lived.push({ name, calm, hostile, calmPeaks, peaks, ended, counts })
    onProgress(`${name}: memory ${JSON.stringify(peaks)}; ${ended.join('; ') || 'all alive'}`)
    await sleep(restSeconds * 1_000)
  }

  try {
    // Before all else, since their accounts and pages take their time.
    for (const phase of phases) {
      const here: Attacker[] = []
      attackers.set(phase, here)
      for (const kind of phase.kinds) here.push(await startAttacker(kind, target))
    }
    onProgress('the hostile ones are ready')
    let pending = 0
    const traffic = await runTraffic({
      url,
      plan,
      processes,
      seed,
      manners: { overMs: seconds * 1_000 },
      onProgress(accepted) {
        if (accepted < beginsAt || happening !== undefined) return
        regulars.begin()
        happening = (async () => {
          for (const phase of phases) await live(phase)
        })()
        // Looked at once the sends are done; until then it is no unhandled rejection.
        happening.catch(() => undefined)
      },
      onSent: async () => await happening,
      readStored: (userIds) =>
        subject.withChatStores(async (stores) => {
          pending = await waitUntilPublished(() => countPending(stores))
          await subject.atRest()
          return await readStored(stores, userIds)
        }),
    })
    const honest = await regulars.end()
    const { acked, lives, counts } = traffic
    const samples = {
      sends: sendsOf(acked),
      deliveries: deliveriesOf(acked, lives),
      reads: honest.reads,
      logins: honest.logins,
    }
    const verified = await subject.verify()
    const findings = [
      ...lived.flatMap(({ name, ended }) => ended.map((what) => `${name}: ${what}`)),
      ...honest.lockedOut,
      ...traffic.findings,
      ...(await subject.unhandledErrors()),
    ]
    if (counts.accepted < plan.sends.length)
      findings.push(`${plan.sends.length - counts.accepted} messages were not accepted`)
    if (pending > 0) findings.push(`${pending} events are still pending`)
    if (verified !== '') findings.push(`verify: ${verified}`)
    return {
      subject: subject.name,
      phases: lived.map(({ calm, hostile, ...phase }) => ({
        ...phase,
        waits: {
          sends: waitsOf(samples.sends, calm, hostile),
          deliveries: waitsOf(samples.deliveries, calm, hostile),
          reads: waitsOf(samples.reads, calm, hostile),
          logins: waitsOf(samples.logins, calm, hostile),
        },
      })),
      counts,
      loginsPutOff: honest.putOff,
      findings,
    }
  } finally {
    for (const attacker of [...attackers.values()].flat()) attacker.close()
  }
}
