import { ParleyError } from '@parley/platform/parley-error.ts'

/** For whom something is done. */
export interface Asker {
  /** Where it comes from: all of one network wait in one row. */
  readonly network: string
  /** Within it, for whom: all for one account wait in one row. */
  readonly account: string
  /** Has been here before, so does not wait behind those who have not. */
  readonly known: boolean
}

interface Job {
  readonly asker: Asker
  readonly since: number
  start(): void
  refuse(): void
}

export interface FairQueue {
  /** @throws ParleyError `overloaded` when it has no place, loses it to one who asked for less, or waited too long */
  run<R>(asker: Asker, work: () => Promise<R>): Promise<R>
}

const retryAfterSeconds = 3
/** Whoever asked has given up by then, or soon will. */
const mostWaitMs = 10_000

/**
 * Does a few things at a time, and lets the others wait in turn: networks one after the other, and within a network
 * accounts one after the other. So who asks for a thousand things waits for them by himself; others wait for one of
 * his at a time.
 *
 * The row is short. When it is full, the network with the most in it gives a place up, so an empty one always has one;
 * likewise the account with the most, within a network that has its share (half of the row). Those who were here before
 * have a row of their own, and every other turn.
 * @param maxWaiting how many may wait, in each of the two rows
 */
export function createFairQueue({
  concurrency,
  maxWaiting,
  now = () => performance.now(),
}: {
  concurrency: number
  maxWaiting: number
  now?: () => number
}): FairQueue {
  const known = createRow(maxWaiting)
  const unknown = createRow(maxWaiting)
  let working = 0
  let knownIsNext = true

  function next(): Job | undefined {
    const rows = knownIsNext ? [known, unknown] : [unknown, known]
    knownIsNext = !knownIsNext
    return rows[0]!.take() ?? rows[1]!.take()
  }

  function startNext(): void {
    const job = working < concurrency ? next() : undefined
    if (job === undefined) return
    if (now() - job.since > mostWaitMs) job.refuse()
    else job.start()
    startNext()
  }

  return {
    run: <R>(asker: Asker, work: () => Promise<R>) =>
      new Promise<R>((resolve, reject) => {
        const refuse = (): void => reject(new ParleyError('overloaded', { retryAfterSeconds }))
        function start(): void {
          working += 1
          void work()
            .then(resolve, reject)
            .finally(() => {
              working -= 1
              startNext()
            })
        }
        if (working < concurrency) return start()
        const row = asker.known ? known : unknown
        if (!row.add({ asker, since: now(), start, refuse })) refuse()
      }),
  }
}

interface Row {
  /** Whether there was a place, or somebody with more gave one up. */
  add(job: Job): boolean
  take(): Job | undefined
}

type Accounts = Map<string, Job[]>

function createRow(maxWaiting: number): Row {
  // In the order of their turns: who has had one goes to the end.
  const networks = new Map<string, Accounts>()
  let waiting = 0
  const sizeOf = (accounts: Accounts | undefined): number =>
    [...(accounts?.values() ?? [])].reduce((sum, jobs) => sum + jobs.length, 0)

  function remove(network: string, account: string, from: 'first' | 'last'): Job | undefined {
    const accounts = networks.get(network)
    const jobs = accounts?.get(account)
    const job = from === 'first' ? jobs?.shift() : jobs?.pop()
    if (jobs?.length === 0) accounts?.delete(account)
    if (accounts?.size === 0) networks.delete(network)
    if (job !== undefined) waiting -= 1
    return job
  }

  /** Sends away the last one of whoever has the most, unless that is who asks. */
  function makeRoom({ network, account }: Asker): boolean {
    const full = waiting >= maxWaiting
    const sizes = new Map([...networks].map(([name, accounts]) => [name, sizeOf(accounts)]))
    sizes.set(network, (sizes.get(network) ?? 0) + 1)
    if (!full && sizes.get(network)! <= Math.ceil(maxWaiting / 2)) return true

    const largest = full ? longestOf(sizes, network) : network
    const lengths = new Map([...(networks.get(largest) ?? [])].map(([name, jobs]) => [name, jobs.length]))
    if (largest !== network) return sendAway(largest, longestOf(lengths, ''))
    lengths.set(account, (lengths.get(account) ?? 0) + 1)
    const longest = longestOf(lengths, account)
    return longest !== account && sendAway(network, longest)
  }

  function sendAway(network: string, account: string): boolean {
    remove(network, account, 'last')?.refuse()
    return true
  }

  return {
    add(job) {
      const { asker } = job
      if (!makeRoom(asker)) return false
      const accounts = networks.get(asker.network) ?? new Map<string, Job[]>()
      networks.set(asker.network, accounts)
      accounts.set(asker.account, [...(accounts.get(asker.account) ?? []), job])
      waiting += 1
      return true
    },
    take() {
      const [network, accounts] = networks.entries().next().value ?? []
      const account = accounts?.keys().next().value
      if (network === undefined || accounts === undefined || account === undefined) return undefined
      const job = remove(network, account, 'first')
      const rest = accounts.get(account)
      if (rest !== undefined) {
        accounts.delete(account)
        accounts.set(account, rest)
      }
      if (networks.delete(network)) networks.set(network, accounts)
      return job
    },
  }
}

/** Of several as long as each other the one that is named, else the last, who waits for the longest yet. */
function longestOf(lengths: ReadonlyMap<string, number>, named: string): string {
  let longest = named
  for (const [name, length] of lengths) {
    const most = lengths.get(longest) ?? 0
    if (length > most || (length === most && longest !== named)) longest = name
  }
  return longest
}
