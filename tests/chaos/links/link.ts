import { connect, createServer, type Socket } from 'node:net'

/** How bad a link is. */
export interface Rule {
  /** Nothing passes, and nobody is told: what was sent meanwhile arrives when it ends, as TCP does it. */
  readonly held: boolean
  /** What passes takes this long, in milliseconds … */
  readonly delayMs: number
  /** … and up to this much longer; the order is kept. */
  readonly jitterMs: number
  /** Only for connections from this address. */
  readonly from?: string
}

export interface Link {
  /** Holds for connections old and new, until the next one; undefined: all is well. */
  setRule(rule: Rule | undefined): void
}

interface Carrier {
  /** To be called when the rule has changed. */
  follow(): void
}

/** How many chunks may be on their way on a slow link, each way of each connection. */
const mostOnTheWay = 256
const well: Rule = { held: false, delayMs: 0, jitterMs: 0 }

/** Takes connections at a port, and carries what they say to a server and back. */
export function openLink({
  port,
  host,
  targetPort,
}: {
  port: number
  host: string
  targetPort: number
}): Link {
  const carriers = new Set<Carrier>()
  let rule: Rule | undefined

  createServer({ allowHalfOpen: true }, (near) => {
    const address = near.remoteAddress?.replace('::ffff:', '')
    const ruleHere = (): Rule =>
      rule !== undefined && (rule.from === undefined || rule.from === address) ? rule : well
    const far = connect({ port: targetPort, host, allowHalfOpen: true })
    const both = [carry(near, far, ruleHere), carry(far, near, ruleHere)]
    for (const carrier of both) carriers.add(carrier)
    const end = (): void => {
      near.destroy()
      far.destroy()
      for (const carrier of both) carriers.delete(carrier)
    }
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      socket.on('error', end)
      // Closed by both sides, after all that was on its way; or broken.
      socket.on('close', end)
    }
  }).listen(port)

  return {
    setRule(next) {
      rule = next
      for (const carrier of carriers) carrier.follow()
    },
  }
}

/** One direction of one connection. */
function carry(from: Socket, to: Socket, rule: () => Rule): Carrier {
  /** Without a chunk: the end. */
  const onTheWay: { chunk?: Buffer; due: number }[] = []
  let lastDue = 0
  let timer: NodeJS.Timeout | undefined
  let full = false

  function follow(): void {
    clearTimeout(timer)
    while (!rule().held && (onTheWay[0]?.due ?? Infinity) <= performance.now()) {
      const { chunk } = onTheWay.shift()!
      if (chunk === undefined) to.end()
      else if (!to.write(chunk)) {
        full = true
        to.once('drain', () => {
          full = false
          follow()
        })
        break
      }
    }
    if (full || rule().held || onTheWay.length >= mostOnTheWay) from.pause()
    else from.resume()
    const next = onTheWay[0]
    if (next !== undefined && !full && !rule().held) {
      timer = setTimeout(follow, Math.max(1, next.due - performance.now()))
    }
  }

  function take(chunk?: Buffer): void {
    const { delayMs, jitterMs } = rule()
    lastDue = Math.max(lastDue, performance.now() + delayMs + Math.random() * jitterMs)
    onTheWay.push({ ...(chunk === undefined ? {} : { chunk }), due: lastDue })
    follow()
  }
  from.on('data', take)
  from.on('end', () => take())
  follow()
  return { follow }
}
