import type { Asker } from './fair-queue.ts'

/** Somebody whose password is hashed, for tests. */
export const anybody: Asker = { network: '192.0.2.1', account: 'alice@example.com', known: false }
