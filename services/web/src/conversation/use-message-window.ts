import type { RefObject } from 'preact'
import { useCallback, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
import type { Row } from './rows.ts'
import { layOut, rowAt, rowsBetween, totalOf } from './windowing.ts'

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
  /** Whether the newest row is in view. */
  readonly atEnd: boolean
  readonly onScroll: () => void
  readonly jumpToEnd: () => void
}

/** How far beyond the view rows are drawn, in pixels, and how much of it has to be left. */
const overscanPx = 900
const leastOverscanPx = 300
/** Nearer than this to the end counts as being there. */
const endPx = 24

/** What the view is fixed to: the end, or a row that begins so many pixels below the top of the view. */
type Place =
  | { readonly kind: 'end' }
  | { readonly kind: 'row'; readonly key: string; readonly offset: number }

/**
 * Draws those rows of a long list that are in view, or nearly.
 *
 * Guarantees: whatever changes above or below (older rows, newer rows, heights that were estimated), the row
 * that one looks at stays where it is; who is at the end stays there.
 * @param rows with a stable key each
 * @param first the row to begin at, if it is there; otherwise the end
 */
export function useMessageWindow(rows: readonly Row[], first: string): MessageWindow {
  const scroller = useRef<HTMLDivElement>(null)
  const lead = useRef<HTMLDivElement>(null)
  const drawn = useRef<HTMLDivElement>(null)
  const heights = useRef(new Map<string, number>()).current
  const place = useRef<Place | undefined>(undefined)
  const view = useRef({ height: 800, width: 0, lead: 0 }).current
  const [atEnd, setAtEnd] = useState(true)
  const [measured, remeasured] = useReducer((count: number) => count + 1, 0)
  const [, moved] = useReducer((count: number) => count + 1, 0)

  const indexByKey = useMemo(() => new Map(rows.map(({ key }, index) => [key, index])), [rows])
  const offsets = useMemo(
    () => layOut(rows, (row) => heights.get(row.key) ?? estimate(row)),
    [rows, measured],
  )
  if (place.current === undefined && rows.length > 0) {
    place.current = indexByKey.has(first) ? { kind: 'row', key: first, offset: 72 } : { kind: 'end' }
  }

  const total = totalOf(offsets)
  const top = topOf(place.current)
  const { start, end } = rowsBetween(offsets, top - overscanPx, top + view.height + overscanPx)

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
    return row === undefined
      ? { kind: 'end' }
      : { kind: 'row', key: row.key, offset: (offsets[index] ?? 0) - y }
  }

  function look(element: HTMLDivElement): void {
    const left = element.scrollHeight - element.scrollTop - element.clientHeight
    const isAtEnd = left <= endPx
    place.current = isAtEnd ? { kind: 'end' } : placeAt(element.scrollTop - view.lead)
    setAtEnd(isAtEnd)
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
    const left = element.scrollHeight - element.scrollTop - element.clientHeight
    if (left <= endPx) {
      place.current = { kind: 'end' }
      setAtEnd(true)
    } else setAtEnd(place.current?.kind === 'end')
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
    start,
    end,
    before: offsets[start] ?? 0,
    after: total - (offsets[end] ?? total),
    atEnd,
    onScroll() {
      const element = scroller.current
      if (element === null || rows.length === 0) return
      look(element)
      const y = element.scrollTop - view.lead
      const needed = rowsBetween(offsets, y - leastOverscanPx, y + view.height + leastOverscanPx)
      if (needed.start < start || needed.end > end) moved(undefined)
    },
    jumpToEnd: useCallback(() => {
      place.current = { kind: 'end' }
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
