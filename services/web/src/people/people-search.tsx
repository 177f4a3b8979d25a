import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { isForComposition } from '../composing.ts'
import { otherPerson } from '../conversations/summaries.ts'
import { CloseIcon, SearchIcon } from '../icons.tsx'
import { addressOf, goTo, listAddress, openPersonId } from '../route.ts'
import { matchesName } from './matches-name.ts'
import { lookAlikesOf } from './look-alikes.ts'
import { moreId, PeopleFound } from './people-found.tsx'
import { usePeopleSearch } from './use-people-search.ts'

/** How many of the user's own conversations are offered at once. */
const mostConversations = 8
const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent)

/**
 * The field over the list of conversations: finds those one talks with, and everybody else. A combobox as WAI-ARIA
 * describes it: the focus stays in the field, the arrow keys move through what was found, Enter takes what is
 * marked, and Escape leaves at the first press.
 * @param children what the results cover while one searches; it stays, and so does its place
 */
export function PeopleSearch({ chat, children }: { chat: Chat; children: ComponentChildren }) {
  const [text, setText] = useState('')
  const [moved, setMoved] = useState<string>()
  /** How many were offered when more were asked for: the first that comes then is marked. */
  const [countBefore, setCountBefore] = useState<number>()
  const field = useRef<HTMLInputElement>(null)
  /** What had the focus before. */
  const cameFrom = useRef<HTMLElement | undefined>(undefined)
  /** The field was asked for while a conversation covers it, on a narrow screen. */
  const isWanted = useRef(false)

  const wanted = text.trim()
  const isSearching = wanted !== ''
  const search = usePeopleSearch(chat, wanted)
  const known = chat.conversations.list.value.flatMap((one) => otherPerson(one, chat.me.id) ?? [])
  const talkedWith = isSearching
    ? known.filter((person) => matchesName(person, wanted)).slice(0, mostConversations)
    : []
  const others = search.people.filter(({ id }) => !talkedWith.some((person) => person.id === id))
  const offered = [...talkedWith, ...others].map(({ id }) => id)
  const stops = search.hasMore ? [...offered, moreId] : offered
  // What was marked stays so as long as it is offered. "Show more" is never marked by itself.
  const firstNew = countBefore === undefined ? undefined : offered[countBefore]
  const marked = firstNew ?? (moved !== undefined && stops.includes(moved) ? moved : offered[0])

  useLayoutEffect(() => {
    if (isWanted.current && field.current?.offsetParent) {
      isWanted.current = false
      field.current.focus()
    }
  })
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      const isShortcut = (isMac ? event.metaKey : event.ctrlKey) && !event.altKey && !event.shiftKey
      if (!isShortcut || event.key.toLowerCase() !== 'k' || document.querySelector('dialog[open]')) return
      event.preventDefault()
      if (field.current?.offsetParent) {
        field.current.focus()
        return field.current.select()
      }
      isWanted.current = true
      goTo(listAddress)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])

  function move(id: string | undefined): void {
    setMoved(id)
    setCountBefore(undefined)
  }

  function write(next: string): void {
    setText(next)
    move(undefined)
  }

  function leave(): void {
    write('')
    const back = cameFrom.current
    if (back?.isConnected === true) back.focus()
    else field.current?.blur()
  }

  function take(id: string | undefined): void {
    if (id === moreId) {
      setMoved(moreId)
      setCountBefore(offered.length)
      return void search.loadMore()
    }
    const person = [...talkedWith, ...others].find((one) => one.id === id)
    if (person === undefined) return
    chat.directory.add(person)
    write('')
    // Opened already, so nothing there takes the focus by itself.
    if (person.id === openPersonId.value) document.querySelector<HTMLElement>('.composer textarea')?.focus()
    goTo(addressOf(person.id))
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (isForComposition(event)) return
    if (event.key === 'Escape') leave()
    else if (event.key === 'Enter') take(marked)
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1
      const at = marked === undefined ? -1 : stops.indexOf(marked)
      move(stops.at((at + step) % stops.length))
    } else return
    event.preventDefault()
  }

  return (
    <>
      <div class="search" data-searching={isSearching}>
        <SearchIcon />
        <input
          ref={field}
          type="text"
          role="combobox"
          dir="auto"
          aria-label="Search people"
          aria-expanded={isSearching}
          aria-controls="found"
          aria-autocomplete="list"
          aria-activedescendant={isSearching && marked !== undefined ? `found-${marked}` : undefined}
          aria-keyshortcuts={isMac ? 'Meta+K' : 'Control+K'}
          placeholder="Search people"
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          enterKeyHint="go"
          maxLength={100}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onFocus={({ relatedTarget }) => {
            cameFrom.current = relatedTarget instanceof HTMLElement ? relatedTarget : undefined
          }}
        />
        {isSearching ? (
          <button
            class="search-clear"
            type="button"
            aria-label="Clear search"
            onClick={() => {
              write('')
              field.current?.focus()
            }}
          >
            <CloseIcon />
          </button>
        ) : (
          <kbd aria-hidden="true">{isMac ? '⌘K' : 'Ctrl K'}</kbd>
        )}
      </div>
      <div class="search-below" data-covered={isSearching}>
        {children}
        {isSearching && (
          <PeopleFound
            talkedWith={talkedWith}
            others={others}
            lookAlikes={lookAlikesOf([...chat.known.value, ...others])}
            me={chat.me.id}
            marked={marked}
            search={search}
            isOnline={(id) => chat.isOnline(id) === true}
            onTake={take}
          />
        )}
      </div>
    </>
  )
}
