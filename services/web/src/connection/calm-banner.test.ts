import {
  bannerFor,
  type BannerState,
  type Calm,
  calmAtFirst,
  leastShownMs,
  nextBanner,
  quietMs,
} from './calm-banner.ts'

/** Plays what is wanted at which times, asking again as told, and returns what was shown when. */
function play(wishes: [at: number, wanted: BannerState][], until: number): [number, BannerState][] {
  const shown: [number, BannerState][] = []
  let calm: Calm = calmAtFirst
  let wanted: BannerState
  let askAt: number | undefined
  for (let now = 0; now <= until; now += 1) {
    const wish = wishes.find(([at]) => at === now)
    if (wish === undefined && askAt !== now) continue
    if (wish !== undefined) wanted = wish[1]
    const next = nextBanner(calm, wanted, now)
    if (next.calm.shown !== calm.shown) shown.push([now, next.calm.shown])
    calm = next.calm
    askAt = next.againInMs === undefined ? undefined : now + next.againInMs
  }
  return shown
}

describe('the banner', () => {
  it('says nothing about a short moment', () => {
    const wishes: [number, BannerState][] = [
      [10, 'connecting'],
      [10 + quietMs - 1, undefined],
    ]
    expect(play(wishes, 9_000)).toEqual([])
  })

  it('speaks when trouble lasts, however it changes meanwhile', () => {
    const wishes: [number, BannerState][] = [
      [10, 'connecting'],
      [500, 'catching-up'],
      [600, 'connecting'],
    ]
    expect(play(wishes, 9_000)).toEqual([[10 + quietMs, 'connecting']])
  })

  it('stays long enough to be read', () => {
    const wishes: [number, BannerState][] = [
      [10, 'connecting'],
      [11 + quietMs, undefined],
    ]
    expect(play(wishes, 9_000)).toEqual([
      [10 + quietMs, 'connecting'],
      [10 + quietMs + leastShownMs, undefined],
    ])
  })

  it('changes its words at once', () => {
    const wishes: [number, BannerState][] = [
      [10, 'connecting'],
      [2_000, 'offline'],
    ]
    expect(play(wishes, 9_000)).toEqual([
      [10 + quietMs, 'connecting'],
      [2_000, 'offline'],
    ])
  })
})

it('believes the connection before the browser', () => {
  const limited = undefined
  expect(bannerFor({ state: 'live', limited }, false)).toBeUndefined()
  expect(bannerFor({ state: 'connecting', limited }, false)).toBe('offline')
  expect(bannerFor({ state: 'offline', limited }, true)).toBe('connecting')
  expect(bannerFor({ state: 'catching-up', limited }, true)).toBe('catching-up')
})

it('says what keeps the client from being live, where that is known', () => {
  expect(bannerFor({ state: 'catching-up', limited: 'server-failing' }, true)).toBe('server-failing')
  expect(bannerFor({ state: 'connecting', limited: 'server-failing' }, true)).toBe('server-failing')
  expect(bannerFor({ state: 'connecting', limited: 'no-socket' }, true)).toBe('no-socket')
  expect(bannerFor({ state: 'connecting', limited: 'no-socket' }, false)).toBe('offline')
  expect(bannerFor({ state: 'connecting', limited: 'too-many-sockets' }, true)).toBe('too-many-sockets')
})
