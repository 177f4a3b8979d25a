import { type Agent, buildConnector, type interceptors } from 'undici'

type DnsOptions = NonNullable<Parameters<typeof interceptors.dns>[0]>
type DnsRecord = ReturnType<NonNullable<DnsOptions['pick']>>
/** As undici keeps it. */
type KeptRecord = DnsRecord & { readonly timestamp: number }

/** Which of the addresses behind a name is asked next, for undici. */
export interface ReplicaChoice {
  readonly connect: NonNullable<Agent.Options['connect']>
  readonly pick: NonNullable<DnsOptions['pick']>
}

/**
 * Addresses take turns. One that took no connection rests while there are others: a name stands for a replica
 * until a while after that has gone, and a call has few tries.
 */
export function createReplicaChoice({
  connectTimeoutMs,
  restMs = 3_000,
}: {
  connectTimeoutMs: number
  restMs?: number
}): ReplicaChoice {
  const restsUntil = new Map<string, number>()
  const open = buildConnector({ timeout: connectTimeoutMs })
  let turn = 0

  return {
    connect(options, callback) {
      open(options, (...result) => {
        const now = performance.now()
        for (const [address, until] of restsUntil) if (until <= now) restsUntil.delete(address)
        if (result[0] !== null) restsUntil.set(options.hostname, now + restMs)
        callback(...result)
      })
    },
    pick(_origin, { records }) {
      const now = Date.now()
      // What seems to come from the future was looked up before the clock was set back.
      const known = ((records[4]?.ips ?? []) as KeptRecord[]).filter(
        ({ timestamp, ttl }) => timestamp <= now && now - timestamp <= ttl,
      )
      const awake = known.filter(({ address }) => (restsUntil.get(address) ?? 0) <= performance.now())
      const choice = awake.length > 0 ? awake : known
      turn = (turn + 1) % Number.MAX_SAFE_INTEGER
      // Without any, undici looks the name up again. Its types do not say so.
      return choice[turn % choice.length] as DnsRecord
    },
  }
}
