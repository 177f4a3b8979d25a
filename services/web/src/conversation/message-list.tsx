import type { RefObject } from 'preact'
import { useEffect, useImperativeHandle, useMemo } from 'preact/hooks'
import { DownIcon } from '../icons.tsx'
import { today } from '../today.ts'
import { unreadText } from '../conversations/summaries.ts'
import { dayLabel } from './days.ts'
import type { Reach } from './delivery-mark.ts'
import { MessageRow } from './message-row.tsx'
import { firstUnreadRow, type Row } from './rows.ts'
import { hasNewer as lacksNewer } from './thread-messages.ts'
import type { Thread } from './thread.ts'
import { useMessageWindow } from './use-message-window.ts'

/** How near to the beginning or the end one has to scroll for more messages to load, in pixels. */
const nearPx = 1_200

export interface MessageListHandle {
  jumpToEnd(): void
}

export function MessageList({
  handle,
  rows,
  thread,
  me,
  otherName,
  reach,
  unread,
  readUntil,
  onAtEnd,
  onView,
  onRetry,
  onDiscard,
}: {
  handle: RefObject<MessageListHandle | null>
  rows: readonly Row[]
  thread: Thread
  me: string
  otherName: string
  reach: Reach
  unread: number
  readUntil: number
  onAtEnd: (atEnd: boolean) => void
  /** Is told the seq down to which messages are in view. */
  onView: (seq: number | undefined) => void
  onRetry: (clientId: string) => void
  onDiscard: (clientId: string) => void
}) {
  const firstUnread = useMemo(() => firstUnreadRow(rows, me, readUntil), [rows, readUntil])
  const hasNewer = lacksNewer(thread.messages.value)
  const window = useMessageWindow(rows, firstUnread, hasNewer, onView)
  const state = thread.state.value
  const older = thread.older.value
  const hasOlder = thread.messages.value.nextBefore !== null
  // So that "Today" does not stay when it has become yesterday.
  void today.value
  const newer = thread.newer.value

  async function jumpToEnd(): Promise<void> {
    if (await thread.loadNewest()) window.jumpToEnd()
  }
  useImperativeHandle(handle, () => ({ jumpToEnd: () => void jumpToEnd() }), [])
  useEffect(() => onAtEnd(window.atEnd), [window.atEnd])

  function loadWhenNear(): void {
    const element = window.scroller.current
    if (element === null) return
    const left = element.scrollHeight - element.scrollTop - element.clientHeight
    if (element.scrollTop < nearPx && hasOlder && thread.older.peek() === 'idle') void thread.loadOlder()
    if (left < nearPx && hasNewer && thread.newer.peek() === 'idle') void thread.loadNewer()
  }
  // Also without scrolling, when what is here does not fill the view.
  useEffect(loadWhenNear, [rows])

  return (
    <div class="messages-frame">
      <div
        ref={window.scroller}
        class="messages"
        role="log"
        aria-label="Messages"
        // What comes is spoken by one live region; here it would be every message that scrolls into view.
        aria-live="off"
        aria-busy={state === 'loading'}
        tabIndex={0}
        onScroll={() => {
          window.onScroll()
          loadWhenNear()
        }}
      >
        <div ref={window.lead} class="messages-lead">
          {state === 'loading' && rows.length === 0 && <p class="messages-note">Loading messages…</p>}
          {state === 'failed' && (
            <p class="messages-note">
              The messages could not be loaded.{' '}
              <button class="button-link" type="button" onClick={() => void thread.refresh()}>
                Try again
              </button>
            </p>
          )}
          {state === 'ready' && !hasOlder && (
            <p class="messages-note">
              {rows.length === 0 ? 'Say hello to ' : 'This is the beginning of your conversation with '}
              <bdi>{otherName}</bdi>.
            </p>
          )}
          {hasOlder && (
            <button
              class="button-quiet"
              type="button"
              aria-busy={older === 'loading'}
              onClick={() => void thread.loadOlder()}
            >
              Load older
            </button>
          )}
        </div>
        <div style={{ height: `${window.before}px` }} />
        <div ref={window.drawn} class="messages-drawn">
          {rows.slice(window.start, window.end).map((row) => {
            if (row.kind === 'date')
              return (
                <div key={row.key} data-key={row.key} class="day">
                  <span>{dayLabel(row.at, Date.now())}</span>
                </div>
              )
            if (row.kind === 'unread')
              return (
                <div key={row.key} data-key={row.key} class="unread-line">
                  <span>New messages</span>
                </div>
              )
            return (
              <MessageRow
                key={row.key}
                row={row}
                isMine={row.message.senderId === me}
                senderName={row.message.senderId === me ? 'You' : otherName}
                reach={reach}
                onRetry={onRetry}
                onDiscard={onDiscard}
              />
            )
          })}
        </div>
        <div style={{ height: `${window.after}px` }} />
        {hasNewer && (
          <div class="messages-lead">
            <button
              class="button-quiet"
              type="button"
              aria-busy={newer === 'loading'}
              onClick={() => void thread.loadNewer()}
            >
              Load newer
            </button>
          </div>
        )}
      </div>
      {!window.atEnd && rows.length > 0 && (
        <button class="jump" type="button" aria-label="Jump to newest" onClick={() => void jumpToEnd()}>
          <DownIcon />
          {unread > 0 && (
            <span class="badge" aria-hidden="true">
              {unreadText(unread)}
            </span>
          )}
        </button>
      )}
    </div>
  )
}
