/**
 * A store whose methods reject with what `explain` makes of their errors. Answers, and what is no method, stay as they
 * are.
 */
export function guardStore<S extends object>(store: S, explain: (error: unknown) => unknown): S {
  const guarded = Object.entries(store).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member] as const
    const call = member as (...args: unknown[]) => Promise<unknown>
    return [
      name,
      async (...args: unknown[]) => {
        try {
          return await call(...args)
        } catch (error) {
          throw explain(error)
        }
      },
    ] as const
  })
  // The same members with the same types; entries cannot say so.
  return Object.fromEntries(guarded) as S
}
