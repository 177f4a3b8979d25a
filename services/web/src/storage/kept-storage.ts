import { type ReadonlySignal, signal } from '@preact/signals-core'

/** What the app needs of a storage. */
export type KeyStorage = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>

/** A storage that never fails: what the browser does not keep is kept by the page, as long as it lives. */
export interface KeptStorage extends KeyStorage {
  /** Whether the browser kept everything so far. */
  readonly isKept: ReadonlySignal<boolean>
}

/** @param find throws, or finds none, where the user or the browser forbids it */
export function createKeptStorage(find: () => KeyStorage | null): KeptStorage {
  const isKept = signal(true)
  /** What could not be stored, and takes the place of what is stored. */
  const own = new Map<string, string>()

  /** What `use` tells of the browser's storage; undefined when there is none, or it fails. */
  function attempt<R>(use: (storage: KeyStorage) => R): R | undefined {
    try {
      const storage = find()
      if (storage !== null) return use(storage)
    } catch {
      // Told by `isKept`.
    }
    isKept.value = false
    return undefined
  }

  function keys(): string[] {
    const stored =
      attempt((storage) =>
        Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter(
          (key) => key !== null,
        ),
      ) ?? []
    return [...new Set([...stored, ...own.keys()])]
  }

  return {
    isKept,
    get length() {
      return keys().length
    },
    key: (index) => keys()[index] ?? null,
    getItem: (key) => own.get(key) ?? attempt((storage) => storage.getItem(key)) ?? null,
    setItem(key, value) {
      own.set(key, value)
      attempt((storage) => {
        storage.setItem(key, value)
        own.delete(key)
      })
    },
    removeItem(key) {
      own.delete(key)
      attempt((storage) => storage.removeItem(key))
    },
  }
}
