import { writeSync } from 'node:fs'
import { z } from 'zod'

/** Moments around the commit at which a crash would hurt most, in the order in which a message meets them. */
export const failpointNames = [
  'before-insert',
  /** Between two entries of one group. */
  'mid-group',
  /** The group is durable, and nobody was told. */
  'after-insert',
  /** A window of events is on the bus, and still marked as pending. */
  'after-publish',
  'after-consume',
  /** Sockets were told, and the bus does not know that the event was handled. */
  'after-emit',
] as const
export type FailpointName = (typeof failpointNames)[number]

/** Where this process is to die, so that a test can see what comes of it. */
export interface Failpoints {
  /** Call it where the point is: it does not return when the process is to die here and now. */
  hit(name: FailpointName): void
  /** Whether the process is to die at this point, for code that has to be taken apart to have it. */
  has(name: FailpointName): boolean
}

export const noFailpoints: Failpoints = { hit: () => undefined, has: () => false }

/** The setting: a point, and at which hit of it to die if not the first, as in `after-insert:3`. */
export const failpoint = z
  .string()
  .regex(
    new RegExp(`^(${failpointNames.join('|')})(:[1-9]\\d*)?$`),
    `must be one of ${failpointNames.join(', ')}, with :n for the n-th time`,
  )
  // Not a setting of its own: whatever the process, it is refused where somebody could lose by it.
  .refine(() => process.env['NODE_ENV'] === 'test', 'is for tests only, and refused unless NODE_ENV=test')
  .optional()
  .meta({
    description:
      'For tests only, and refused unless `NODE_ENV=test`: where the process kills itself with SIGKILL, such as `after-insert:3`',
  })

/**
 * @param setting as `failpoint` has checked it
 * @param die ends this process at once; nothing of it runs on
 */
export function createFailpoints(setting: string | undefined, die: () => void = killThisProcess): Failpoints {
  if (setting === undefined) return noFailpoints
  const [wanted, at = '1'] = setting.split(':')
  let hits = 0

  return {
    hit(name) {
      if (name !== wanted) return
      hits += 1
      if (hits !== Number(at)) return
      // Past the logger, which may not come to write it.
      writeSync(process.stderr.fd, `failpoint ${name}: hit ${hits}, this process dies\n`)
      die()
    },
    has: (name) => name === wanted,
  }
}

/** As the kernel or an operator would: without a last word to anybody. The call does not return. */
function killThisProcess(): void {
  process.kill(process.pid, 'SIGKILL')
}
