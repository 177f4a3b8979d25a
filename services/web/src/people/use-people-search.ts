import type { Person } from '@parley/contracts/users.ts'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Chat } from '../chat.ts'
import { askPatiently } from '../connection/ask-patiently.ts'
import { inAWhile, problemText } from '../problem-text.ts'
import { foundFor, nobodyFound, withPage } from './found-people.ts'

/** Typing is not to ask the server at every letter. */
const pauseMs = 250

export interface PeopleSearch {
  /** They belong to the text as it is now. */
  readonly people: readonly Person[]
  readonly hasMore: boolean
  readonly isSearching: boolean
  readonly problem: string | undefined
  loadMore(): Promise<void>
}

/** Asks the server for people as one types, a page at a time. */
export function usePeopleSearch({ client, me }: Chat, wanted: string): PeopleSearch {
  const [found, setFound] = useState(nobodyFound)
  const [problem, setProblem] = useState<string>()
  const [isSearching, setSearching] = useState(false)
  /** One more each time that it is worth to ask again. */
  const [round, setRound] = useState(0)
  /** Ends what is asked for an older text. */
  const asking = useRef(new AbortController())

  async function ask(cursor: string | undefined): Promise<void> {
    const { signal } = asking.current
    setSearching(true)
    try {
      const page = await askPatiently(() => client.users.search(wanted, { cursor }), {
        signal,
        onWait: ({ problem }) =>
          setProblem(
            `You have searched very often. The search goes on ${inAWhile(problem?.retryAfterSeconds)}.`,
          ),
      })
      const before = cursor === undefined ? { ...nobodyFound, text: wanted } : found
      if (signal.aborted) return
      setProblem(undefined)
      setFound(withPage(before, page))
    } catch (error) {
      if (!signal.aborted) setProblem(problemText(error))
    } finally {
      if (!signal.aborted) setSearching(false)
    }
  }

  useEffect(() => {
    asking.current.abort()
    asking.current = new AbortController()
    setProblem(undefined)
    setSearching(wanted !== '')
    if (wanted === '') return setFound(nobodyFound)
    const timer = setTimeout(() => void ask(undefined), pauseMs)
    return () => clearTimeout(timer)
  }, [wanted, round])
  useEffect(() => {
    if (problem === undefined) return undefined
    return client.on('state', (state) => {
      if (state === 'live') setRound((count) => count + 1)
    })
  }, [problem])
  useEffect(() => () => asking.current.abort(), [])

  const isOfNow = found.text === wanted
  return {
    people: foundFor(found, wanted).filter(({ id }) => id !== me.id),
    hasMore: isOfNow && found.nextCursor !== null,
    isSearching: isSearching || (wanted !== '' && !isOfNow && problem === undefined),
    problem,
    async loadMore() {
      if (isSearching || !isOfNow || found.nextCursor === null) return
      setProblem(undefined)
      await ask(found.nextCursor)
    },
  }
}
