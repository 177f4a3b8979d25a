import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isForComposition } from '../composing.ts'
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

  // At once, so that no letter is lost that is typed next.
  useLayoutEffect(() => {
    // On a touch screen the keyboard would cover what one wants to read.
    if (!entersLines()) field.current?.focus()
  }, [])

  // A draft is one in all tabs: here it follows as long as it is the one that was changed there.
  const shown = useRef(text)
  shown.current = text
  useEffect(
    () =>
      drafts.onChanged(({ key, old = '', value = '' }) => {
        if (key === personId && shown.current === old) setText(value)
      }),
    [],
  )

  function write(next: string): void {
    setText(next)
    if (next === '') drafts.remove(personId)
    else drafts.put(personId, next)
    onWrite(next)
  }

  function send(): void {
    if (!maySend) return
    onSend(text)
    // What was changed in another tab meanwhile stays there.
    if (drafts.get(personId) === text) drafts.remove(personId)
    setText('')
    field.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    // While an input method composes a letter, Enter is for it.
    if (event.key !== 'Enter' || event.shiftKey || isForComposition(event) || entersLines()) return
    event.preventDefault()
    // Held down since somebody was chosen in the search, it does not send them the draft that waits here.
    if (!event.repeat) send()
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
