import { readFileSync } from 'node:fs'
import { startProcessSubject } from '../chaos/process-subject.ts'
import type { HostileSubject } from './subject.ts'

/** A small machine: Parley ends when its heap does not fit. */
const heapInMegabytes = 256
const lookEveryMs = 100

/**
 * Hashes cost what they cost operators, and everybody may do as much as there. Strangers say their addresses as a proxy in front would; the people of the
 * traffic all come from one address, as those of an office do.
 */
const settings = {
  NODE_OPTIONS: `--max-old-space-size=${heapInMegabytes}`,
  BCRYPT_COST: '12',
  AUTH_ATTEMPTS_PER_ADDRESS: '300',
  LOGINS_MAX_WAITING: '50',
  SENDS_PER_SECOND: '20',
  SENDS_BURST: '200',
  SEND_BYTES_PER_HOUR: String(64 * 1_024 * 1_024),
  READS_PER_SECOND: '50',
  READS_BURST: '500',
  REFRESHES_PER_MINUTE: '120',
  TRUSTED_PROXIES: '1',
}

/** The embedded Parley with a heap of 256 MB. It is started again whenever it ends. */
export async function startEmbeddedSubject(): Promise<HostileSubject> {
  const subject = await startProcessSubject(settings)
  const deaths: string[] = []
  let restarting: Promise<void> = Promise.resolve()
  let closing = false
  let peak = 0

  function watch(): void {
    const startedAt = performance.now()
    void subject.process().ended.then(({ code, signal }) => {
      if (closing) return
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
      deaths.push(`the process ended with ${signal ?? code}, ${seconds} s after its start`)
      restarting = subject.start().then(watch)
      restarting.catch((error: unknown) => deaths.push(`it does not start again: ${String(error)}`))
    })
  }
  watch()

  const looking = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(subject.process().pid))
  }, lookEveryMs)

  return {
    ...subject,
    name: `embedded, heap of ${heapInMegabytes} MB`,
    peaks() {
      const megabytes = Math.round(peak)
      peak = 0
      return { parley: megabytes }
    },
    async ended() {
      await restarting
      return deaths.splice(0)
    },
    async down() {
      closing = true
      clearInterval(looking)
      await restarting.catch(() => undefined)
      await subject.down()
    },
  }
}

/** 0 for a process that has ended. */
function residentMegabytes(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) / 1_024
  } catch {
    return 0
  }
}
