/** What `/readyz` asks. A check resolves when its dependency answers, and rejects when it does not. */
export interface Health {
  addCheck(name: string, check: () => Promise<void> | void): void
  /** From now on `/readyz` says no, so that no new work is routed here. */
  startDraining(): void
  report(): Promise<HealthReport>
}

export interface HealthReport {
  readonly ready: boolean
  readonly draining: boolean
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>
}

/** @param timeoutMs how long one check may take before it counts as failed */
export function createHealth({ timeoutMs = 2_000 }: { timeoutMs?: number } = {}): Health {
  const checks = new Map<string, () => Promise<void> | void>()
  let draining = false

  async function run(check: () => Promise<void> | void): Promise<'ok' | 'failed'> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(() => late.reject(new Error('timed out')), timeoutMs)
    try {
      await Promise.race([check(), late.promise])
      return 'ok'
    } catch {
      return 'failed'
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    addCheck(name, check) {
      checks.set(name, check)
    },
    startDraining() {
      draining = true
    },
    async report() {
      const results = await Promise.all(
        [...checks].map(async ([name, check]) => [name, await run(check)] as const),
      )
      const ready = !draining && results.every(([, result]) => result === 'ok')
      return { ready, draining, checks: Object.fromEntries(results) }
    },
  }
}
