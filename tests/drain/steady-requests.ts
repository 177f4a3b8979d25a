import { setTimeout as sleep } from 'node:timers/promises'

/** What a request came to: how it ended, and of which kind it was. */
export interface Outcome {
  readonly kind: string
  /** The status, the code of a problem, or how it failed otherwise. */
  readonly result: string
}

/** Makes one request; resolves to how it ended. */
export type MakeRequest = () => Promise<string>

/**
 * Makes requests of several kinds, each kind by a few callers who wait for an answer before they ask again,
 * until it is stopped.
 */
export function requestSteadily(
  kinds: Readonly<Record<string, MakeRequest>>,
  { callers, pauseMs }: { callers: number; pauseMs: number },
): { stop(): Promise<Outcome[]> } {
  const outcomes: Outcome[] = []
  let stopped = false
  const goesOn = (): boolean => !stopped

  async function call(kind: string, request: MakeRequest): Promise<void> {
    while (goesOn()) {
      const result = await request().catch((error: unknown) => String(error))
      outcomes.push({ kind, result })
      await sleep(pauseMs)
    }
  }
  const calling = Object.entries(kinds).flatMap(([kind, request]) =>
    Array.from({ length: callers }, () => call(kind, request)),
  )
  return {
    async stop() {
      stopped = true
      await Promise.all(calling)
      return outcomes
    },
  }
}

/** How often each kind of request ended how. */
export function countOutcomes(outcomes: readonly Outcome[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {}
  for (const { kind, result } of outcomes) {
    const ofKind = (counts[kind] ??= {})
    ofKind[result] = (ofKind[result] ?? 0) + 1
  }
  return counts
}
