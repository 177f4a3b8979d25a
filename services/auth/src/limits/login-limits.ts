import { networkOf, siteOf } from '@parley/platform/http/client-address.ts'
import type { LimiterFor } from '@parley/platform/limits/limiter.ts'
import type { AuthConfig } from '../config.ts'
import { createSlowDown, type SlowDown, type Taken } from './slow-down.ts'

/** Who tries to log in, as far as limits care. */
export interface LoginSource {
  readonly email: string
  /** Of the network: with a port or without, IPv6 or not. */
  readonly address: string
  /** The id of a device that was logged in to this account before. */
  readonly device: string | undefined
}

export interface LoginAttempt {
  /** It is one more than a window has, and was let through all the same. */
  readonly slowed: boolean
  /** It did not fail: forgets the failures of the account from there, and this one of everything else. */
  succeed(): Promise<void>
  /** It came to no verdict, so it counts neither way. */
  withdraw(): Promise<void>
}

export type BeginLogin = (source: LoginSource) => Promise<LoginAttempt>

/** Seconds between two guesses beyond what a window has: of one account from one network or by one device, … */
const accountPace = 30
/** … of one account from each network while it is guessed at from many, … */
const sweptAccountPace = 300
/** … and from one network, whatever the accounts. */
const networkPace = 1

/** A /48 may have as much as so many of its networks: all of a company may be in it. */
const networksOfSite = 3
/** From so many networks somebody may use up their guesses at one account, before all others have one each. */
const networksOfAccount = 10

/**
 * Bounds guessing passwords without becoming a weapon: nobody can use up the tries of somebody elsewhere.
 *
 * - What is counted is (account, network): wrong guesses from elsewhere cost the owner nothing. Beyond ten in a window
 *   one goes through every 30 s.
 * - An account that is guessed at from everywhere leaves each network one try every five minutes. So a botnet has one
 *   guess for each of its networks; and the owner always has one.
 * - A network that guesses at many accounts has 100 in a window, then one each second. It pays for nothing that was
 *   refused because of the account. Behind one address (Docker's proxy, a company's) all share that.
 * - A device that was logged in to the account before has tries of its own, and waits for none of these.
 */
export function createLoginLimits({
  config,
  limiterFor,
}: {
  config: AuthConfig
  limiterFor: LimiterFor
}): BeginLogin {
  const { LOGIN_FAILURES_PER_ACCOUNT: perAccount, LOGIN_FAILURES_PER_ADDRESS: perNetwork } = config
  const make = (name: string, points: number, paceSeconds: number): SlowDown =>
    createSlowDown(limiterFor, { name, points, paceSeconds, seconds: config.LOGIN_WINDOW_SECONDS })
  const byDevice = make('login-failures-device', perAccount, accountPace)
  const byPair = make('login-failures-pair', perAccount, accountPace)
  const bySiteAndAccount = make('login-failures-site-pair', perAccount * networksOfSite, accountPace)
  const byAccount = make('login-failures-of-account', perAccount * networksOfAccount, sweptAccountPace)
  const byNetwork = make('login-failures-network', perNetwork, networkPace)
  const bySite = make('login-failures-site', perNetwork * networksOfSite, networkPace)

  return async ({ email, address, device }) => {
    const [network, site] = [networkOf(address), siteOf(address)]
    const pair = `${email}|${network}`
    const hasSite = site !== network
    const taken = await takeAll(
      device === undefined
        ? [
            () => byNetwork.take(network),
            ...(hasSite ? [() => bySite.take(site)] : []),
            () => byAccount.take(email, pair),
            ...(hasSite ? [() => bySiteAndAccount.take(`${email}|${site}`)] : []),
            () => byPair.take(pair),
          ]
        : [() => byDevice.take(`${email}|${device}`)],
    )
    const own = taken.at(-1)
    return {
      slowed: taken.some(({ slowed }) => slowed),
      async succeed() {
        await Promise.all(taken.map((each) => (each === own ? each.forget() : each.giveBack())))
      },
      async withdraw() {
        await Promise.all(taken.map((each) => each.giveBack()))
      },
    }
  }
}

/**
 * In order, and what refuses has all before it given back. So a network that is out of guesses leaves nothing of the
 * accounts that it asks for in memory, and pays for nothing that an account refused.
 */
async function takeAll(steps: readonly (() => Promise<Taken>)[]): Promise<Taken[]> {
  const taken: Taken[] = []
  try {
    for (const take of steps) taken.push(await take())
    return taken
  } catch (error) {
    await Promise.all(taken.map((each) => each.giveBack()))
    throw error
  }
}
