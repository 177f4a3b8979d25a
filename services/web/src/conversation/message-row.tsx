import { ClockIcon, FailedIcon, TickIcon, TwoTicksIcon } from '../icons.tsx'
import { fullLabel, timeLabel } from './days.ts'
import { deliveryMark, type Reach } from './delivery-mark.ts'
import { linkify } from './linkify.ts'
import { isOnlyEmoji } from './only-emoji.ts'
import type { Row } from './rows.ts'
import type { ShownMessage } from './shown-message.ts'

export function MessageRow({
  row,
  isMine,
  senderName,
  reach,
  onRetry,
  onDiscard,
}: {
  row: Row & { kind: 'message' }
  isMine: boolean
  senderName: string
  reach: Reach
  onRetry: (clientId: string) => void
  onDiscard: (clientId: string) => void
}) {
  const { message, first, last } = row
  const { clientId, seq, text, at, state } = message
  return (
    <div class="message-row" data-key={row.key} data-mine={isMine} data-first={first} data-last={last}>
      <article class="message" data-client-id={clientId} data-seq={seq ?? ''} data-state={state}>
        <div class="bubble" dir="auto" data-emoji={isOnlyEmoji(text)}>
          {/* What has a direction of its own does not decide about that of the bubble. */}
          <span class="for-screen-readers" dir="ltr">
            {senderName}:{' '}
          </span>
          <span class="message-text">
            <MessageText text={text} />
          </span>
          <span class="message-meta" dir="ltr">
            <time dateTime={new Date(at).toISOString()} title={fullLabel(at)}>
              {timeLabel(at)}
            </time>
            {isMine && <Mark message={message} reach={reach} />}
          </span>
        </div>
        {state === 'waiting' && message.problem !== undefined && (
          <p class="message-waiting">{message.problem}</p>
        )}
        {state === 'failed' && (
          <div class="message-failed">
            <span>Not sent. {message.problem}</span>
            <span class="message-failed-buttons">
              <button class="button-link" type="button" onClick={() => onRetry(clientId)}>
                Retry
              </button>
              <button class="button-link" type="button" onClick={() => onDiscard(clientId)}>
                Discard
              </button>
            </span>
          </div>
        )}
      </article>
    </div>
  )
}

/** The text as text: only addresses of the web become elements. */
const MessageText = ({ text }: { text: string }) => (
  <>
    {linkify(text).map(({ text, href }) =>
      href === undefined ? (
        text
      ) : (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
          {text}
        </a>
      ),
    )}
  </>
)

/** How far a message of the user's own got. */
function Mark({ message: { state, seq }, reach }: { message: ShownMessage; reach: Reach }) {
  if (state === 'sending') return <ClockIcon name="Sending" />
  if (state === 'waiting') return <ClockIcon name="Waiting to be sent" />
  if (state === 'failed') return <FailedIcon name="Not sent" />
  const mark = deliveryMark(seq ?? Infinity, reach)
  if (mark === 'sent') return <TickIcon name="Sent" />
  return (
    <span class="mark" data-mark={mark}>
      <TwoTicksIcon name={mark === 'read' ? 'Read' : 'Delivered'} />
    </span>
  )
}
