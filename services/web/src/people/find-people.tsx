import type { Person } from '@parley/contracts/users.ts'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { CloseIcon } from '../icons.tsx'
import { problemText } from '../problem-text.ts'
import { addressOf, goTo } from '../route.ts'
import { Avatar } from './avatar.tsx'
import { fullName } from './person-name.ts'

/** Typing is not to ask the server at every letter. */
const pauseMs = 250

/** The dialog in which one finds a person to talk to. */
export function FindPeople({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const { people, problem, searching } = useSearch(chat, text)

  useEffect(() => {
    dialog.current?.showModal()
    dialog.current?.querySelector('input')?.focus()
  }, [])

  function choose(person: Person): void {
    chat.directory.add(person)
    dialog.current?.close()
    goTo(addressOf(person.id))
  }

  /** The arrow keys lead from the field through the list and back. */
  function move(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    const stops = [...(dialog.current?.querySelectorAll<HTMLElement>('input, .people button') ?? [])]
    const index = stops.findIndex((stop) => stop === document.activeElement)
    event.preventDefault()
    stops[Math.min(stops.length - 1, Math.max(0, index + step))]?.focus()
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault()
    const [first] = people
    if (first !== undefined) choose(first)
  }

  const isEmpty = text.trim() !== '' && !searching && problem === undefined && people.length === 0
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="find-people-title"
      onClose={onClose}
      onKeyDown={move}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="find-people-title">New conversation</h2>
          <button
            class="button-icon"
            type="button"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <CloseIcon />
          </button>
        </header>
        <form class="field" role="search" onSubmit={submit}>
          <label for="search-people">Search people</label>
          <input
            id="search-people"
            type="search"
            dir="auto"
            autoComplete="off"
            maxLength={100}
            placeholder="Name, or whole e-mail address"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </form>
        <p class="dialog-note" aria-live="polite">
          {problem ?? (isEmpty ? 'Nobody was found.' : '')}
        </p>
        <ul class="people" aria-label="People">
          {people.map((person) => (
            <li key={person.id}>
              <button type="button" onClick={() => choose(person)}>
                <Avatar person={person} userId={person.id} />
                <bdi class="cut">{fullName(person)}</bdi>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </dialog>
  )
}

function useSearch(chat: Chat, text: string) {
  const [people, setPeople] = useState<readonly Person[]>([])
  const [problem, setProblem] = useState<string>()
  const [searching, setSearching] = useState(false)

  useEffect(() => {
    const wanted = text.trim()
    setProblem(undefined)
    setSearching(wanted !== '')
    if (wanted === '') return setPeople([])
    let isOld = false
    const search = async (): Promise<void> => {
      try {
        const { users } = await chat.client.users.search(wanted)
        if (!isOld) setPeople(users.filter(({ id }) => id !== chat.me.id))
      } catch (error) {
        if (!isOld) setProblem(problemText(error))
      } finally {
        if (!isOld) setSearching(false)
      }
    }
    const timer = setTimeout(() => void search(), pauseMs)
    return () => {
      isOld = true
      clearTimeout(timer)
    }
  }, [text])

  return { people, problem, searching }
}
