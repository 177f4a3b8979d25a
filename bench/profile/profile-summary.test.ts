import { placeOf, selfTimes } from './profile-summary.ts'

const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 0 })

it.each([
  ['file:///parley/node_modules/@socket.io/redis-adapter/dist/index.js', '@socket.io/redis-adapter'],
  ['file:///parley/node_modules/express/lib/router.js', 'express'],
  ['node:net', 'node:net'],
  ['file:///app/services/chat/src/timeline/timeline.ts', 'services/chat/src/timeline/timeline.ts'],
])('says of %s that it is of %s', (url, place) => {
  expect(placeOf(frame('f', url))).toBe(place)
})

it('knows what is of V8 itself from native functions', () => {
  expect(placeOf(frame('(garbage collector)', ''))).toBe('(garbage collector)')
  expect(placeOf(frame('writev', ''))).toBe('(native)')
})

it('adds up self time, the longest first, without idle time', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(idle)', '') },
      { id: 2, callFrame: frame('one', 'node:net') },
      { id: 3, callFrame: frame('other', 'node:http') },
    ],
    samples: [2, 1, 3, 3],
    timeDeltas: [5, 10, 1_000, 20, 30],
  }
  expect(selfTimes(profile, placeOf)).toEqual([
    { what: 'node:http', microseconds: 50 },
    { what: 'node:net', microseconds: 10 },
  ])
})
