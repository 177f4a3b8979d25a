import { useEffect, useRef, useState } from 'preact/hooks'
import { SendIcon } from '../icons.tsx'
import type { Shelf } from '../storage/shelf.ts'
import { characters, mostCharacters } from './message-limit.ts'

/** From here on one is told how much is left. */
const nearLimit = mostCharacters - 400

/** On a touch screen Enter begins a new line, and the button sends. */
const entersLines = (): boolean => window.matchMedia('(pointer: coarse)').matches

/** Where one writes to a person. What is not sent is kept as a draft. */
export function Composer({
  personId,
  drafts,
  onWrite,
  onSend,
}: {
  personId: string
  drafts: Shelf<string>
  onWrite: (text: string) => void
  onSend: (text: string) => void
}) {
  const [text, setText] = useState(() => drafts.get(personId) ?? '')
  const field = useRef<HTMLTextAreaElement>(null)
  const length = characters(text)
  const maySend = text.trim() !== '' && length <= mostCharacters

  useEffect(() => {
    // On a touch screen the keyboard would cover what one wants to read.
    if (!entersLines()) field.current?.focus()
  }, [])

  function write(next: string): void {
    setText(next)
    if (next === '') drafts.remove(personId)
    else drafts.put(personId, next)
    onWrite(next)
  }

  function send(): void {
    if (!maySend) return
    onSend(text)
    write('')
    field.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    // While an input method composes a letter, Enter is for it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || entersLines()) return
    event.preventDefault()
    send()
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div class="composer-grow" data-text={`${text} `}>
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label="Message"
          placeholder="Message"
          aria-invalid={length > mostCharacters}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      {length > nearLimit && (
        <span class="composer-left" data-over={length > mostCharacters} aria-live="polite">
          {length > mostCharacters
            ? `${length - mostCharacters} too many`
            : `${mostCharacters - length} left`}
        </span>
      )}
      <button class="composer-send" type="submit" aria-label="Send" title="Send" disabled={!maySend}>
        <SendIcon />
      </button>
    </form>
  )
}
