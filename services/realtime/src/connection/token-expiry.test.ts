import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { ask, codeOf, collect, type GatewayUnderTest, heard, openGateway } from '../testing/open-gateway.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'
import type { VerifyToken } from '@parley/platform/tokens/verify-token.ts'
import type { ParleySocket } from './parley-socket.ts'
import { createTokenExpiry } from './token-expiry.ts'

describe('token expiry', () => {
  let opened: GatewayUnderTest
  beforeEach(async () => {
    opened = await openGateway()
  })
  afterEach(() => opened.close())

  it('ends a socket with its token, unless it was refreshed', async () => {
    const alice = randomUUID()
    const sessionId = randomUUID()
    const short = opened.issuer.sign(alice, { sessionId, expiresInSeconds: 2 })
    const refreshing = await opened.connect(alice, short)
    const expiring = await opened.connect(alice, short)
    const endings = collect(refreshing, 'session:ended')

    const long = opened.issuer.sign(alice, { sessionId, expiresInSeconds: 600 })
    const answer = await ask(refreshing, 'session:refresh', { token: long })
    const { expiresAt } = await opened.issuer.verifyToken(long)
    expect(answer).toEqual({ ok: true, expiresAt: new Date(expiresAt).toISOString() })

    const ended = heard(expiring, 'session:ended')
    const closed = heard(expiring, 'disconnect')
    expect(await ended).toEqual({ reason: 'token-expired' })
    expect(await closed).toBe('io server disconnect')
    // Its timer was armed for the same moment, and first.
    expect(codeOf(await ask(refreshing, 'presence:watch', { userIds: [] }))).toBeUndefined()
    expect(endings).toEqual([])
    expect(opened.gateway.connections()).toBe(1)
    expect(await opened.metric('parley_realtime_closed_total', { cause: 'token-expired' })).toBe(1)
  })

  it('refuses a refresh with anything but a valid token of the same session', async () => {
    const alice = randomUUID()
    const sessionId = randomUUID()
    const client = await opened.connect(alice, opened.issuer.sign(alice, { sessionId }))
    const refresh = async (token: unknown) => codeOf(await ask(client, 'session:refresh', { token }))

    expect(await refresh(opened.issuer.sign(randomUUID(), { sessionId }))).toBe('token-invalid')
    expect(await refresh(opened.issuer.sign(alice))).toBe('token-invalid')
    expect(await refresh(opened.issuer.sign(alice, { sessionId, kid: 'unknown' }))).toBe('token-invalid')
    expect(await refresh(opened.issuer.sign(alice, { sessionId, expiresInSeconds: -1 }))).toBe(
      'token-expired',
    )
    expect(await refresh('')).toBe('validation-failed')
    expect(await refresh({ $ne: null })).toBe('validation-failed')
    expect(await refresh(opened.issuer.sign(alice, { sessionId }))).toBeUndefined()
    expect(client.connected).toBe(true)
  })
})

describe('token expiry', () => {
  const hour = 3_600_000
  const day = 24 * hour
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  /** A socket whose token has so long to go. A day is what a token may live. */
  function watchSocket(
    remainingMs: number,
    verifyToken: VerifyToken = () => Promise.reject(new ParleyError('unavailable')),
  ): string[] {
    const ends: string[] = []
    const socket = Object.assign(new EventEmitter(), {
      conn: {},
      connected: true,
      data: { caller: { expiresAt: Date.now() + remainingMs } },
      emit: (event: string) => void ends.push(event),
      disconnect: () => void ends.push('disconnect'),
    }) as unknown as ParleySocket
    createTokenExpiry({ verifyToken }).watch(socket)
    return ends
  }

  it('comes at its moment, however often the token was checked before', () => {
    const ends = watchSocket(day)
    jest.advanceTimersByTime(day - 1)
    expect(ends).toEqual([])
    jest.advanceTimersByTime(1)
    expect(ends).toEqual(['session:ended', 'disconnect'])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('comes within a minute when its key is one no longer', async () => {
    const verifyToken = jest.fn(() => Promise.reject(new ParleyError('token-invalid')))
    const ends = watchSocket(hour, verifyToken)
    await jest.advanceTimersByTimeAsync(14_999)
    expect(ends).toEqual([])
    await jest.advanceTimersByTimeAsync(1)
    expect(ends).toEqual(['session:ended', 'disconnect'])
  })

  it.each([hour, -hour])('goes by the time that passes when the clock is set by %d ms', (step) => {
    const ends = watchSocket(day)
    jest.setSystemTime(Date.now() + step)
    jest.advanceTimersByTime(day - 1)
    expect(ends).toEqual([])
    jest.advanceTimersByTime(1)
    expect(ends).toEqual(['session:ended', 'disconnect'])
  })
})
