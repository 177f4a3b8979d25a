import type { Fault } from './faults.ts'
import { fillDisk } from './full-disk.ts'
import type { EmbeddedSubject } from './embedded-subject.ts'

export const embeddedFaults: readonly Fault<EmbeddedSubject>[] = [fillDisk]
