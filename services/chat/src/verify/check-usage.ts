import type { ChatReader, StoredUsage } from './chat-reader.ts'
import type { Finding } from './finding.ts'
import type { Inspect } from './look-twice.ts'

/**
 * What is kept of how much users have stored: never more than there is, so that nobody is refused for what is not there.
 * Less is no fault: a chat that runs writes what it adds up a second later, and a crash loses that. An entry is counted
 * after it is stored, and entries are read after the number, so a chat at work makes no difference.
 */
export function createUsageCheck(reader: Pick<ChatReader, 'storedBytes'>): Inspect<StoredUsage> {
  return async (users) => {
    const findings: Finding[] = []
    for (const { userId, bytes } of users) {
      const stored = await reader.storedBytes(userId)
      if (Number.isSafeInteger(bytes) && 0 <= bytes && bytes <= stored) continue
      const expected = `0 to ${stored} bytes`
      findings.push({ code: 'usage-miscounted', userId, expected, found: String(bytes) })
    }
    return findings
  }
}
