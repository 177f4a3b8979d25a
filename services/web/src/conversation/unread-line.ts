/** Where the line stands that says what is new. */
export interface UnreadLine {
  /** After which seq; undefined: nowhere. */
  readonly after: number | undefined
  /** How far the user had read when nothing was unread any more; undefined since the line was put. */
  readonly caughtUpAt: number | undefined
}

/**
 * The line stands above what was unread when the user came; and above what comes while they do not watch,
 * once they have caught up with what was unread before. It stays while they read.
 * @param line undefined: the user has just come
 * @param isWatched whether what comes is seen at once
 */
export function nextUnreadLine(
  line: UnreadLine | undefined,
  {
    readUntil,
    hasUnread,
    isWatched,
  }: { readonly readUntil: number; readonly hasUnread: boolean; readonly isWatched: boolean },
): UnreadLine {
  if (line === undefined) {
    return hasUnread
      ? { after: readUntil, caughtUpAt: undefined }
      : { after: undefined, caughtUpAt: readUntil }
  }
  if (!hasUnread) return line.caughtUpAt === readUntil ? line : { ...line, caughtUpAt: readUntil }
  if (isWatched || line.caughtUpAt === undefined) return line
  return { after: line.caughtUpAt, caughtUpAt: undefined }
}

/** Whoever answers has seen what was new. */
export const withoutLine = (line: UnreadLine): UnreadLine => ({ ...line, after: undefined })
