import { readRedisAddress, redisUrl } from './redis-address.ts'

it.each([
  ['redis://:secret@redis:6379', { url: 'redis://:secret@redis:6379' }],
  ['rediss://redis', { url: 'rediss://redis' }],
  [
    'redis+sentinel://one:26379,two:26380,10.0.0.3/parley',
    {
      sentinels: [
        { host: 'one', port: 26_379 },
        { host: 'two', port: 26_380 },
        { host: '10.0.0.3', port: 26_379 },
      ],
      name: 'parley',
    },
  ],
  [
    'redis+sentinel://user:p%40ss@one/parley?sentinelPassword=other',
    {
      sentinels: [{ host: 'one', port: 26_379 }],
      name: 'parley',
      username: 'user',
      password: 'p@ss',
      sentinelPassword: 'other',
    },
  ],
  [
    'redis+sentinel://:secret@one/parley',
    { sentinels: [{ host: 'one', port: 26_379 }], name: 'parley', password: 'secret' },
  ],
])('%s', (text, address) => {
  expect(readRedisAddress(text)).toEqual(address)
  expect(redisUrl.safeParse(text).success).toBe(true)
})

it.each([
  '',
  'redis',
  'http://redis:6379',
  'redis+sentinel://one,two',
  'redis+sentinel://one,/parley',
  'redis+sentinel:///parley',
  'redis+sentinel://one:port/parley',
])('%j is no address of Redis', (text) => {
  expect(readRedisAddress(text)).toBeUndefined()
  expect(redisUrl.safeParse(text).success).toBe(false)
})
