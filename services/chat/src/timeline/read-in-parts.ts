type Row = Record<string, unknown>

/** As many as the longest messages that fit into a page, and few enough that most pages are two reads. */
const firstPart = 32

/**
 * Reads rows of entries until there are so many, or so many bytes in their bodies, the last row being beyond them:
 * a page of the longest messages would otherwise be read seven times over, and thrown away.
 * @param read rows behind a seq, in the order of the page
 */
export function readInParts(
  read: (from: number, count: number) => readonly Row[],
  { from, limit, mostBytes = Infinity }: { from: number; limit: number; mostBytes?: number | undefined },
): readonly Row[] {
  if (mostBytes === Infinity || limit <= firstPart) return read(from, limit)
  const rows: Row[] = []
  let bytes = 0
  for (let part = firstPart; rows.length < limit && bytes <= mostBytes; part *= 4) {
    const count = Math.min(part, limit - rows.length)
    const next = read(Number(rows.at(-1)?.['seq'] ?? from), count)
    for (const row of next) bytes += Buffer.byteLength(String(row['body']))
    rows.push(...next)
    if (next.length < count) break
  }
  return rows
}
