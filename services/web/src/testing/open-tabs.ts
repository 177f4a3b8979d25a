import type { ShelfPlace } from '../storage/shelf.ts'

/** Tabs of one browser, as far as they share a storage: each is told what the others change. */
export function openTabs(count: number): (ShelfPlace & EventTarget)[] {
  const items = new Map<string, string>()
  const tabs: (ShelfPlace & EventTarget)[] = []

  function storageOf(tab: EventTarget): Storage {
    const tell = (key: string, oldValue: string | null, newValue: string | null): void => {
      for (const other of tabs) {
        if (other !== tab)
          other.dispatchEvent(Object.assign(new Event('storage'), { key, oldValue, newValue }))
      }
    }
    return {
      get length() {
        return items.size
      },
      key: (index) => [...items.keys()][index] ?? null,
      getItem: (key) => items.get(key) ?? null,
      setItem(key, value) {
        const old = items.get(key) ?? null
        if (old === value) return
        items.set(key, value)
        tell(key, old, value)
      },
      removeItem(key) {
        const old = items.get(key) ?? null
        if (items.delete(key)) tell(key, old, null)
      },
      clear: () => items.clear(),
    }
  }
  for (let index = 0; index < count; index += 1) {
    const tab = new EventTarget()
    tabs.push(Object.assign(tab, { localStorage: storageOf(tab) }) as ShelfPlace & EventTarget)
  }
  return tabs
}
