/** Longer than a message takes from the first tab to the last. */
const holdMs = 30_000

/**
 * Whether it is this tab that shows an entry, of all that are told of it. Without Web Locks each tab does; the
 * browser makes one notification of them.
 */
export const claim = ({ locks }: Pick<Navigator, 'locks'> | { locks?: undefined }, id: string) =>
  new Promise<boolean>((resolve) => {
    if (locks === undefined) return resolve(true)
    locks
      .request(`parley.notify.${id}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise((letGo) => setTimeout(letGo, holdMs))
      })
      .catch(() => resolve(true))
  })
