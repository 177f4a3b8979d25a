import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './faults.ts'
import type { ProcessSubject } from './process-subject.ts'

/** A backup is made under load, more is accepted, and then the data is the backup's again. */
const restoreBackup: Fault<ProcessSubject> = {
  name: 'restore',
  what: 'embedded: a backup, more messages, kill -9, the backup restored, and a start on it',
  restarts: ['parley'],
  endsSessions: true,
  async run({ subject, seconds, rolledBack }) {
    const from = Date.now()
    const name = `backup-${from}`
    await subject.backUp(name)
    await sleep(seconds * 1_000)
    await subject.kill()
    rolledBack({ from, to: Date.now() })
    await subject.restore(name)
    await subject.start()
    return 'parley'
  },
}

export const processFaults: readonly Fault<ProcessSubject>[] = [restoreBackup]
