import { setTimeout as sleep } from 'node:timers/promises'
import { type Finding, identityOf } from './finding.ts'

/** Says what is wrong with rows that follow on `previous`. */
export type Inspect<T> = (rows: readonly T[], previous: T | undefined) => Promise<Finding[]>

/**
 * Goes through rows in pages, and tells of what it finds. The rows change meanwhile, so a page in which
 * something was found is read and inspected again, and only what was found both times is told. Holds one page
 * at a time, and reads the next one only after the caller has dealt with what this one had.
 * @param read the next rows behind a row, in the order of their keys
 * @param isSameKey whether two rows have the key by which they are ordered in common, as they should not
 * @param onPage with how many rows were read
 */
export async function* lookTwice<T>({
  read,
  isSameKey,
  inspect,
  onPage,
  pageSize,
  secondLookMs,
}: {
  read: (after: T | undefined, limit: number) => Promise<readonly T[]>
  isSameKey: (a: T, b: T) => boolean
  inspect: Inspect<T>
  onPage: (rows: number) => void
  pageSize: number
  secondLookMs: number
}): AsyncGenerator<Finding> {
  let previous: T | undefined
  for (;;) {
    const rows = await read(previous, pageSize)
    const page = rows.length < pageSize ? rows : withoutLastKey(rows, isSameKey)
    const last = page.at(-1)
    if (last === undefined) return
    const first = await inspect(page, previous)
    if (first.length > 0) {
      await sleep(secondLookMs)
      const seen = new Set(first.map(identityOf))
      // Twice as many, since what came in between has moved the others.
      const again = await inspect(await read(previous, pageSize * 2), previous)
      yield* again.filter((finding) => seen.has(identityOf(finding)))
    }
    onPage(page.length)
    if (rows.length < pageSize) return
    previous = last
  }
}

/** Behind a full page there may be more rows with the key of its last one: those are left to the next page. */
function withoutLastKey<T>(rows: readonly T[], isSameKey: (a: T, b: T) => boolean): readonly T[] {
  const last = rows.at(-1)!
  const end = rows.findIndex((row) => isSameKey(row, last))
  return end > 0 ? rows.slice(0, end) : rows
}
