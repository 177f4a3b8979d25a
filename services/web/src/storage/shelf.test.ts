import { openTabs } from '../testing/open-tabs.ts'
import { createShelf, type ShelfChange } from './shelf.ts'

function openShelves() {
  const [one, other] = openTabs(2)
  if (one === undefined || other === undefined) throw new Error('there are two tabs')
  return {
    place: one,
    here: createShelf<string>('x.alice', one),
    there: createShelf<string>('x.alice', other),
  }
}

describe('a shelf', () => {
  it('is shared by tabs, and not by shelves of other names', () => {
    const { place, here, there } = openShelves()
    here.put('a', '1')
    there.put('b', '2')
    createShelf<string>('x.bob', place).put('a', '3')
    expect(here.all().toSorted()).toEqual(['1', '2'])
    here.clear()
    expect(there.all()).toEqual([])
    expect(createShelf<string>('x.bob', place).get('a')).toBe('3')
  })

  it('tells what another tab puts and removes', () => {
    const { here, there } = openShelves()
    const changes: ShelfChange<string>[] = []
    here.onChanged((change) => changes.push(change))
    here.put('mine', '1')
    there.put('a', '1')
    there.put('a', '2')
    there.remove('a')
    here.remove('mine')
    const all = [
      { key: 'a', old: undefined, value: '1' },
      { key: 'a', old: '1', value: '2' },
      { key: 'a', old: '2', value: undefined },
    ]
    expect(changes).toEqual(all)
    here.close()
    there.put('b', '1')
    there.remove('b')
    expect(changes).toEqual(all)
  })

  it('stops telling one of those who listen', () => {
    const { here, there } = openShelves()
    const changes: string[] = []
    const stop = here.onChanged(({ key }) => changes.push(`stopped ${key}`))
    here.onChanged(({ key }) => changes.push(key))
    stop()
    there.put('a', '1')
    expect(changes).toEqual(['a'])
  })

  it('skips what is no JSON', () => {
    const { place, here } = openShelves()
    place.localStorage.setItem('x.alice.broken', '{')
    expect([here.all(), here.get('broken')]).toEqual([[], undefined])
  })
})
