import type { Duplex } from 'node:stream'
import { createTokenBuckets } from '@parley/platform/limits/token-buckets.ts'
import { ParleyError } from '@parley/platform/parley-error.ts'

/** How many sockets there may be. Each counts from its upgrade, before it has a token, until its TCP connection is closed. */
export interface SocketPlaces {
  /**
   * Takes a place for a connection from this network, before it is a websocket.
   * @throws ParleyError `overloaded` when the gateway is full, `rate-limited` when the network's places are taken
   */
  take(socket: Duplex, network: string): void
  /**
   * It has shown a token of this user.
   * @throws ParleyError `rate-limited` when the user has too many, or opened too many of late
   */
  admit(socket: Duplex, userId: string): void
}

/** Whoever has waited so long for its own token may be cut, so that another one gets in. An honest client needs less. */
const patienceMs = 2_000
/** Ended ones are given back a few in a second, so that opening and closing has a bound, too. */
const newPerSecond = 2
/** A place is free when one of the user's other sockets closes; one that died is noticed after 45 s. */
const comeBackSeconds = 30

interface Place {
  readonly network: string
  readonly since: number
  userId?: string
}

export function createSocketPlaces({
  most,
  mostOfNetwork,
  mostOfUser,
  now = () => performance.now(),
}: {
  most: number
  mostOfNetwork: number
  mostOfUser: number
  now?: () => number
}): SocketPlaces {
  const places = new Map<Duplex, Place>()
  /** Those without a token, by network; each in the order in which they came. */
  const withoutToken = new Map<Duplex, Place>()
  const networks = new Map<string, { places: number; withoutToken: Set<Duplex> }>()
  const users = new Map<string, number>()
  const arrivals = createTokenBuckets({ perSecond: newPerSecond, burst: mostOfUser, now })

  function leave(socket: Duplex): void {
    const place = places.get(socket)
    if (place === undefined) return
    places.delete(socket)
    withoutToken.delete(socket)
    const network = networks.get(place.network)!
    network.withoutToken.delete(socket)
    if (--network.places === 0) networks.delete(place.network)
    if (place.userId === undefined) return
    const left = users.get(place.userId)! - 1
    if (left === 0) users.delete(place.userId)
    else users.set(place.userId, left)
  }

  /** Cuts the one that has waited longest for its token, if that is long. Returns whether there was one. */
  function makeRoom(waiting: Iterable<Duplex>): boolean {
    const [longest] = waiting
    if (longest === undefined || now() - places.get(longest)!.since < patienceMs) return false
    leave(longest)
    longest.destroy()
    return true
  }

  return {
    take(socket, name) {
      const network = networks.get(name)
      if (network !== undefined && network.places >= mostOfNetwork && !makeRoom(network.withoutToken)) {
        throw new ParleyError('rate-limited', {
          detail: 'Too many sockets are open from this address.',
          retryAfterSeconds: comeBackSeconds,
        })
      }
      if (places.size >= most && !makeRoom(withoutToken.keys())) {
        throw new ParleyError('overloaded', { detail: 'This gateway is full.', retryAfterSeconds: 5 })
      }
      const place = { network: name, since: now() }
      places.set(socket, place)
      withoutToken.set(socket, place)
      const counted = networks.get(name) ?? { places: 0, withoutToken: new Set() }
      counted.places += 1
      counted.withoutToken.add(socket)
      networks.set(name, counted)
      socket.once('close', () => leave(socket))
    },

    admit(socket, userId) {
      const place = places.get(socket)
      // Gone meanwhile.
      if (place === undefined) return
      const open = users.get(userId) ?? 0
      if (open >= mostOfUser) {
        throw new ParleyError('rate-limited', {
          detail: `Nobody may have more than ${mostOfUser} sockets; close some.`,
          retryAfterSeconds: comeBackSeconds,
        })
      }
      const waitMs = arrivals.take(userId)
      if (waitMs > 0) {
        throw new ParleyError('rate-limited', {
          detail: 'Too many sockets were opened; keep one open instead.',
          retryAfterSeconds: Math.ceil(waitMs / 1_000),
        })
      }
      place.userId = userId
      users.set(userId, open + 1)
      withoutToken.delete(socket)
      networks.get(place.network)!.withoutToken.delete(socket)
    },
  }
}
