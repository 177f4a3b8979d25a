import { openTabs } from '../testing/open-tabs.ts'
import { createKeptStorage } from './kept-storage.ts'

const read = (storage: ReturnType<typeof createKeptStorage>) =>
  Object.fromEntries(
    Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').map((key) => [
      key,
      storage.getItem(key),
    ]),
  )

describe('a storage that never fails', () => {
  it('is the browser’s as long as that one works', () => {
    const [tab] = openTabs(1)
    const storage = createKeptStorage(() => tab!.localStorage)
    storage.setItem('a', '1')
    expect(tab!.localStorage.getItem('a')).toBe('1')
    expect(read(storage)).toEqual({ a: '1' })
    storage.removeItem('a')
    expect([storage.getItem('a'), storage.isKept.value]).toEqual([null, true])
  })

  it.each([
    [
      'is forbidden',
      () => {
        throw new Error('SecurityError')
      },
    ],
    ['is not there', () => null],
  ])('is the page’s own when the browser’s %s', (_, find) => {
    const storage = createKeptStorage(find)
    storage.setItem('a', '1')
    storage.setItem('b', '2')
    storage.removeItem('b')
    expect(read(storage)).toEqual({ a: '1' })
    expect(storage.isKept.value).toBe(false)
  })

  it('keeps what does not fit in place of what is stored, and stores it once it fits', () => {
    const [tab] = openTabs(1)
    const { localStorage } = tab!
    localStorage.setItem('a', 'old')
    let isFull = true
    const storage = createKeptStorage(() => ({
      length: localStorage.length,
      key: (index) => localStorage.key(index),
      getItem: (key) => localStorage.getItem(key),
      removeItem: (key) => localStorage.removeItem(key),
      setItem(key, value) {
        if (isFull) throw new Error('QuotaExceededError')
        localStorage.setItem(key, value)
      },
    }))
    storage.setItem('a', 'new')
    expect(read(storage)).toEqual({ a: 'new' })
    expect([storage.isKept.value, localStorage.getItem('a')]).toEqual([false, 'old'])
    isFull = false
    storage.setItem('a', 'newer')
    expect(localStorage.getItem('a')).toBe('newer')
    expect(read(storage)).toEqual({ a: 'newer' })
  })
})
