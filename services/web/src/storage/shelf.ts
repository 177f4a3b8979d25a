import type { KeyStorage } from './kept-storage.ts'

/**
 * Things of one kind that a browser keeps, each under a key of its own, so that several tabs can put and
 * remove theirs without overwriting each other's.
 */
export interface Shelf<T> {
  all(): T[]
  get(key: string): T | undefined
  put(key: string, value: T): void
  remove(key: string): void
  clear(): void
  /** Tells what another tab puts, and removes, until `close`; `old` is what was there before. */
  onChanged(listener: (change: ShelfChange<T>) => void): () => void
  close(): void
}

export interface ShelfChange<T> {
  readonly key: string
  readonly old: T | undefined
  /** Undefined: it was removed. */
  readonly value: T | undefined
}

/** What the shelf needs of a window, and of its storage that never fails. */
export interface ShelfPlace {
  readonly localStorage: KeyStorage
  addEventListener(type: 'storage', listener: (event: StorageEvent) => void): void
  removeEventListener(type: 'storage', listener: (event: StorageEvent) => void): void
}

/** @param name of the shelf, such as `parley.drafts.<userId>` */
export function createShelf<T>(name: string, place: ShelfPlace): Shelf<T> {
  const { localStorage } = place
  const prefix = `${name}.`
  const listeners = new Set<(event: StorageEvent) => void>()

  const keys = (): string[] =>
    Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '').filter((key) =>
      key.startsWith(prefix),
    )

  function parse(text: string | null): T | undefined {
    try {
      return text === null ? undefined : (JSON.parse(text) as T)
    } catch {
      return undefined
    }
  }

  return {
    all: () => keys().flatMap((key) => parse(localStorage.getItem(key)) ?? []),
    get: (key) => parse(localStorage.getItem(prefix + key)),
    put: (key, value) => localStorage.setItem(prefix + key, JSON.stringify(value)),
    remove: (key) => localStorage.removeItem(prefix + key),
    clear() {
      for (const key of keys()) localStorage.removeItem(key)
    },
    onChanged(listener) {
      const onStorage = ({ key, oldValue, newValue }: StorageEvent): void => {
        if (key?.startsWith(prefix) !== true) return
        listener({ key: key.slice(prefix.length), old: parse(oldValue), value: parse(newValue) })
      }
      listeners.add(onStorage)
      place.addEventListener('storage', onStorage)
      return () => {
        listeners.delete(onStorage)
        place.removeEventListener('storage', onStorage)
      }
    },
    close() {
      for (const listener of listeners) place.removeEventListener('storage', listener)
    },
  }
}
