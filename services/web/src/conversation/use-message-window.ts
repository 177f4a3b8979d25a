import type { RefObject } from 'preact'
import { useCallback, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
import { acceptedUpTo, type Row } from './rows.ts'
import { lastEndBetween, layOut, rowAt, rowsBetween, totalOf } from './windowing.ts'

/** Which rows are drawn, and what stands in for those that are not. */
export interface MessageWindow {
  readonly scroller: RefObject<HTMLDivElement | null>
  /** What comes before the rows. */
  readonly lead: RefObject<HTMLDivElement | null>
  /** Holds the drawn rows, each an element with a `data-key`. */
  readonly drawn: RefObject<HTMLDivElement | null>
  readonly start: number
  readonly end: number
  /** Heights in pixels of the rows before and after the drawn ones. */
  readonly before: number
  readonly after: number
  /** Whether the newest row is in view, and what comes next will be. */
  readonly atEnd: boolean
  readonly onScroll: () => void
  readonly jumpToEnd: () => void
}

/** How far beyond the view rows are drawn, in pixels, and how much of it has to be left. */
const overscanPx = 900
const leastOverscanPx = 300
/** Nearer than this to the end counts as being there. */
const endPx = 24

/** How far below the top of the view one begins to read. */
const firstUnreadPx = 72

/**
 * What the view is fixed to: the end, or a row that begins so many pixels below the top of the view. Who went to
 * the end by hand passed what is unread now; nobody else does.
 */
type Place =
  | { readonly kind: 'end'; readonly passesUnread: boolean }
  | { readonly kind: 'row'; readonly key: string; readonly offset: number }

const end = (passesUnread: boolean): Place => ({ kind: 'end', passesUnread })

/**
 * Draws those rows of a long list that are in view, or nearly.
 *
 * Guarantees: whatever changes above or below (older rows, newer rows, heights that were estimated), the row
 * that one looks at stays where it is; who is at the end stays there, but what is unread does not leave the view
 * at its top unseen, neither at the beginning nor when more comes than there is room for.
 * @param rows with a stable key each
 * @param firstUnread index of the row at which one goes on reading; undefined when all is read
 * @param hasNewer whether there is more after the rows that is not here yet, so that their end is not the end
 * @param onView is told the seq down to which messages are in view, after each change; undefined: none is
 */
export function useMessageWindow(
  rows: readonly Row[],
  firstUnread: number | undefined,
  hasNewer: boolean,
  onView: (seq: number | undefined) => void,
): MessageWindow {
  const scroller = useRef<HTMLDivElement>(null)
  const lead = useRef<HTMLDivElement>(null)
  const drawn = useRef<HTMLDivElement>(null)
  const heights = useRef(new Map<string, number>()).current
  const place = useRef<Place | undefined>(undefined)
  const view = useRef({ top: 0, height: 800, width: 0, lead: 0 }).current
  const [atEnd, setAtEnd] = useState(true)
  const [measured, remeasured] = useReducer((count: number) => count + 1, 0)
  const [, moved] = useReducer((count: number) => count + 1, 0)

  const indexByKey = useMemo(() => new Map(rows.map(({ key }, index) => [key, index])), [rows])
  const offsets = useMemo(
    () => layOut(rows, (row) => heights.get(row.key) ?? estimate(row)),
    [rows, measured],
  )
  const total = totalOf(offsets)
  if (rows.length > 0) place.current = settle(place.current)
  const top = topOf(place.current)
  const drawnRows = rowsBetween(offsets, top - overscanPx, top + view.height + overscanPx)

  /** The place after the rows changed. */
  function settle(old: Place | undefined): Place {
    if (old?.kind === 'row') return old
    if (old?.kind === 'end' && firstUnread === undefined && !hasNewer) return end(false)
    const key = firstUnread === undefined ? undefined : rows[firstUnread]?.key
    const unreadTop = firstUnread === undefined ? Infinity : (offsets[firstUnread] ?? 0) - firstUnreadPx
    const isPassing = unreadTop < total - view.height && old?.passesUnread !== true
    if (key !== undefined && (isPassing || (old === undefined && hasNewer))) {
      return { kind: 'row', key, offset: firstUnreadPx }
    }
    if (!hasNewer) return old ?? end(false)
    return placeAt(old === undefined ? Math.max(0, total - view.height) : view.top)
  }

  /** Where the view begins, in pixels of rows. */
  function topOf(wanted: Place | undefined): number {
    const index = wanted?.kind === 'row' ? indexByKey.get(wanted.key) : undefined
    if (wanted?.kind !== 'row' || index === undefined) return Math.max(0, total - view.height)
    return (offsets[index] ?? 0) - wanted.offset
  }

  /** The first message in view; dates come and go as older messages are loaded. */
  function placeAt(y: number): Place {
    let index = rowAt(offsets, y)
    while (index < rows.length - 1 && rows[index]?.kind !== 'message') index += 1
    const row = rows[index]
    return row === undefined ? end(false) : { kind: 'row', key: row.key, offset: (offsets[index] ?? 0) - y }
  }

  const isAtEnd = (element: HTMLDivElement): boolean =>
    !hasNewer && element.scrollHeight - element.scrollTop - element.clientHeight <= endPx

  /** Tells what is in view. What is not drawn yet is told once it is. */
  function tellView(element: HTMLDivElement): void {
    view.top = element.scrollTop - view.lead
    let index = lastEndBetween(offsets, view.top, view.top + element.clientHeight)
    if (index !== -1 && (index < drawnRows.start || index >= drawnRows.end)) return
    while (index >= 0 && rows[index]?.kind !== 'message') index -= 1
    onView((offsets[index + 1] ?? 0) > view.top ? acceptedUpTo(rows, index) : undefined)
  }

  /** Notes the heights of what is drawn; returns whether any was another one. */
  function measure(): boolean {
    let changed = false
    for (const element of drawn.current?.children ?? []) {
      const key = element.getAttribute('data-key')
      const { height } = element.getBoundingClientRect()
      if (key === null || height === 0 || Math.abs((heights.get(key) ?? -1) - height) < 0.5) continue
      heights.set(key, height)
      changed = true
    }
    return changed
  }

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || rows.length === 0) return
    if (element.clientWidth !== view.width) {
      // In another width every height is another one; those in view are measured at once.
      view.width = element.clientWidth
      heights.clear()
    }
    const resized = element.clientHeight !== view.height
    view.height = element.clientHeight
    view.lead = lead.current?.offsetHeight ?? 0
    // Drawn again before anything is painted, and then put in place.
    if (measure() || resized) return remeasured(undefined)
    const target = place.current?.kind === 'row' ? view.lead + topOf(place.current) : element.scrollHeight
    if (Math.abs(Math.min(target, element.scrollHeight - element.clientHeight) - element.scrollTop) >= 1) {
      element.scrollTop = target
    }
    if (place.current?.kind === 'row' && isAtEnd(element)) place.current = end(false)
    setAtEnd(place.current?.kind === 'end')
    tellView(element)
  })

  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => moved(undefined))
    for (const { current } of [scroller, lead, drawn]) if (current !== null) observer.observe(current)
    return () => observer.disconnect()
  }, [])

  return {
    scroller,
    lead,
    drawn,
    ...drawnRows,
    before: offsets[drawnRows.start] ?? 0,
    after: total - (offsets[drawnRows.end] ?? total),
    atEnd,
    onScroll() {
      const element = scroller.current
      if (element === null || rows.length === 0) return
      const y = element.scrollTop - view.lead
      if (!isAtEnd(element)) place.current = placeAt(y)
      else if (place.current?.kind === 'row') place.current = end(true)
      setAtEnd(place.current?.kind === 'end')
      tellView(element)
      const needed = rowsBetween(offsets, y - leastOverscanPx, y + view.height + leastOverscanPx)
      if (needed.start < drawnRows.start || needed.end > drawnRows.end) moved(undefined)
    },
    jumpToEnd: useCallback(() => {
      place.current = end(true)
      moved(undefined)
    }, []),
  }
}

/** A guess that is good enough for a scrollbar. */
function estimate(row: Row): number {
  if (row.kind !== 'message') return 44
  const lines = Math.ceil(row.message.text.length / 48) + row.message.text.split('\n', 40).length - 1
  return 18 + lines * 21 + (row.first ? 10 : 2)
}
