/**
 * Room for what clients make a process hold, such as answers that they do not read: so much in all, whoever they are.
 *
 * Guarantees: nobody is refused. Where there is not enough, whoever holds most gives up what it has held for longest,
 * until there is: somebody who holds a little pays for nobody else.
 */
export interface SharedRoom {
  /**
   * @param giveUp lets go of what is held; called at most once, and not after `release`
   * @returns `release`, for when it is held no more; harmless when called again
   */
  hold(who: string, amount: number, giveUp: () => void): () => void
}

interface Thing {
  readonly amount: number
  readonly giveUp: () => void
}

interface Holder {
  readonly who: string
  amount: number
  /** The oldest first. */
  readonly things: Set<Thing>
}

export function createSharedRoom({ most }: { most: number }): SharedRoom {
  const holders = new Map<string, Holder>()
  let held = 0

  function release(holder: Holder, thing: Thing): void {
    if (!holder.things.delete(thing)) return
    holder.amount -= thing.amount
    held -= thing.amount
    if (holder.things.size === 0) holders.delete(holder.who)
  }

  const isTooMuch = (): boolean => held > most

  function makeRoom(): void {
    let worst: Holder | undefined
    for (const holder of holders.values()) if (holder.amount > (worst?.amount ?? -1)) worst = holder
    const [oldest] = worst!.things
    release(worst!, oldest!)
    oldest!.giveUp()
  }

  return {
    hold(who, amount, giveUp) {
      const holder = holders.get(who) ?? { who, amount: 0, things: new Set() }
      holders.set(who, holder)
      const thing = { amount, giveUp }
      holder.things.add(thing)
      holder.amount += amount
      held += amount
      while (isTooMuch()) makeRoom()
      return () => release(holder, thing)
    },
  }
}
