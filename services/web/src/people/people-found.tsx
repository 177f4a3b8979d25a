import type { Person } from '@parley/contracts/users.ts'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Avatar } from './avatar.tsx'
import { distinction, likeWhom } from './look-alikes.ts'
import { fullName } from './person-name.ts'
import type { PeopleSearch } from './use-people-search.ts'

/** Stands for "Show more people" among the ids of what can be marked. */
export const moreId = 'more'

/** What a search found, instead of the list of conversations. The focus stays in the field. */
export function PeopleFound({
  talkedWith,
  others,
  lookAlikes,
  me,
  marked,
  search: { hasMore, isSearching, problem },
  isOnline,
  onTake,
}: {
  talkedWith: readonly Person[]
  others: readonly Person[]
  /** Of whom more has to be said than their name, and whom they could be taken for. */
  lookAlikes: ReadonlyMap<string, Person>
  me: string
  marked: string | undefined
  search: PeopleSearch
  isOnline: (userId: string) => boolean
  onTake: (id: string) => void
}) {
  const list = useRef<HTMLDivElement>(null)
  const count = talkedWith.length + others.length
  const isNobody = count === 0 && !isSearching && problem === undefined

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [marked])

  const group = (id: string, name: string, people: readonly Person[]) =>
    people.length > 0 && (
      <div role="group" aria-labelledby={id}>
        <p class="found-head" id={id} role="presentation">
          {name}
        </p>
        {people.map((person) => (
          <Option key={person.id} id={person.id} isMarked={person.id === marked} onTake={onTake}>
            <Avatar person={person} online={isOnline(person.id)} />
            <span class="found-person">
              <bdi class="cut">{fullName(person)}</bdi>
              <LookAlike id={person.id} other={lookAlikes.get(person.id)} me={me} />
            </span>
          </Option>
        ))}
      </div>
    )

  return (
    // What is pressed in here does not take the focus from the field.
    <div class="found" ref={list} onMouseDown={(event) => event.preventDefault()}>
      <p class="found-note" aria-live="polite" data-shown={count === 0 || problem !== undefined}>
        {problem ??
          (isNobody
            ? 'Nobody was found. People are found by their name, or by their whole e-mail address.'
            : isSearching && count === 0
              ? 'Searching…'
              : `${count}${hasMore ? ' and more' : ''} found`)}
      </p>
      <div class="found-list" id="found" role="listbox" aria-label="People" aria-busy={isSearching}>
        {group('found-talked-with', 'Conversations', talkedWith)}
        {group('found-others', talkedWith.length > 0 ? 'Other people' : 'People', others)}
        {hasMore && (
          <Option id={moreId} isMarked={marked === moreId} onTake={onTake}>
            <span class="found-show-more">{isSearching ? 'Loading…' : 'Show more people'}</span>
          </Option>
        )}
      </div>
    </div>
  )
}

function Option({
  id,
  isMarked,
  onTake,
  children,
}: {
  id: string
  isMarked: boolean
  onTake: (id: string) => void
  children: ComponentChildren
}) {
  return (
    <div
      class="found-option"
      role="option"
      id={`found-${id}`}
      aria-selected={isMarked}
      onClick={() => onTake(id)}
    >
      {children}
    </div>
  )
}

const LookAlike = ({ id, other, me }: { id: string; other: Person | undefined; me: string }) =>
  other && (
    <>
      <span class="found-more">{distinction(id)}</span>
      <bdi class="found-more two-lines">{likeWhom(other, me)}</bdi>
    </>
  )
