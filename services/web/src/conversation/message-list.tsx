import type { RefObject } from 'preact'
import { useEffect, useImperativeHandle } from 'preact/hooks'
import { DownIcon } from '../icons.tsx'
import { today } from '../today.ts'
import { unreadText } from '../conversations/summaries.ts'
import { dayLabel } from './days.ts'
import type { Reach } from './delivery-mark.ts'
import { MessageRow } from './message-row.tsx'
import type { Row } from './rows.ts'
import type { Thread } from './thread.ts'
import { useMessageWindow } from './use-message-window.ts'

/** How near to the beginning one has to scroll for older messages to load, in pixels. */
const nearStartPx = 1_200

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
  onAtEnd,
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
  onAtEnd: (atEnd: boolean) => void
  onRetry: (clientId: string) => void
  onDiscard: (clientId: string) => void
}) {
  const window = useMessageWindow(rows, 'unread')
  const state = thread.state.value
  const older = thread.older.value
  const hasOlder = thread.messages.value.nextBefore !== null
  // So that "Today" does not stay when it has become yesterday.
  void today.value
  useImperativeHandle(handle, () => ({ jumpToEnd: window.jumpToEnd }), [])
  useEffect(() => onAtEnd(window.atEnd), [window.atEnd])

  function loadWhenNear(): void {
    const element = window.scroller.current
    const isNear = element !== null && element.scrollTop < nearStartPx
    if (isNear && hasOlder && thread.older.peek() === 'idle') void thread.loadOlder()
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
      </div>
      {!window.atEnd && rows.length > 0 && (
        <button class="jump" type="button" aria-label="Jump to newest" onClick={window.jumpToEnd}>
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
