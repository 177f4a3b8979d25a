/**
 * Things of one kind that a browser keeps, each under a key of its own, so that several tabs can put and
 * remove theirs without overwriting each other's. What cannot be stored (a full or forbidden storage) is kept by
 * the page alone.
 */
export interface Shelf<T> {
  all(): T[]
  get(key: string): T | undefined
  put(key: string, value: T): void
  remove(key: string): void
  clear(): void
  /** Tells what another tab removes, until `close`. */
  onRemoved(listener: (key: string) => void): void
  close(): void
}

/** What the shelf needs of a window. */
export interface ShelfPlace {
  readonly localStorage: Storage
  addEventListener(type: 'storage', listener: (event: StorageEvent) => void): void
  removeEventListener(type: 'storage', listener: (event: StorageEvent) => void): void
}

/** @param name of the shelf, such as `parley.drafts.<userId>` */
export function createShelf<T>(name: string, place: ShelfPlace): Shelf<T> {
  const prefix = `${name}.`
  const listeners = new Set<(event: StorageEvent) => void>()

  function keys(): string[] {
    const { localStorage } = place
    return Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '').filter(
      (key) => key.startsWith(prefix),
    )
  }

  function parse(text: string | null): T | undefined {
    try {
      return text === null ? undefined : (JSON.parse(text) as T)
    } catch {
      return undefined
    }
  }

  const shelf: Shelf<T> = {
    all: () => keys().flatMap((key) => parse(place.localStorage.getItem(key)) ?? []),
    get: (key) => parse(place.localStorage.getItem(prefix + key)),
    put(key, value) {
      try {
        place.localStorage.setItem(prefix + key, JSON.stringify(value))
      } catch {
        // Full: it lives as long as the page does.
      }
    },
    remove: (key) => place.localStorage.removeItem(prefix + key),
    clear() {
      for (const key of keys()) place.localStorage.removeItem(key)
    },
    onRemoved(listener) {
      const onStorage = ({ key, newValue }: StorageEvent): void => {
        if (key?.startsWith(prefix) && newValue === null) listener(key.slice(prefix.length))
      }
      listeners.add(onStorage)
      place.addEventListener('storage', onStorage)
    },
    close() {
      for (const listener of listeners) place.removeEventListener('storage', listener)
    },
  }
  return shelf
}
