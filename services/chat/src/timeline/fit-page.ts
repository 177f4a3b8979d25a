/**
 * How large a page may get, more or less: what a slow link brings in seconds, and what an answer may hold in
 * memory.
 */
export const pageBytes = 512 * 1_024

/** The first items, as many as fit into a page; at least one, so that whoever pages gets on. */
export function fitPage<T>(items: readonly T[], most = pageBytes): T[] {
  let bytes = 0
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item))
    return bytes > most && index > 0
  })
  return end === -1 ? [...items] : items.slice(0, end)
}
