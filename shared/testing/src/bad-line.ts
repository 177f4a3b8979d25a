import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server on the loopback address that carries as networks do on a bad day. */
export interface BadLine {
  readonly port: number
  /** How many connections were made through it. */
  readonly connections: number
  /** From now on all connections together bring so much from the server; undefined: as fast as they can. */
  slow(bytesPerSecond: number | undefined): void
  /** Connections that stand carry nothing any more, and nobody is told; new ones work. */
  bury(): void
  /** What becomes of requests for a websocket from now on; other requests pass. */
  upgrades(fate: 'pass' | 'refuse' | 'swallow'): void
  close(): Promise<void>
}

interface Carried {
  readonly near: Socket
  readonly far: Socket
  /** What the server said and the line has not brought yet. */
  waiting: Buffer
  buried: boolean
}

const tickMs = 10
const mostWaiting = 32 * 1_024

/** @param port where the server is, on the loopback address */
export async function openBadLine(port: number): Promise<BadLine> {
  const carried = new Set<Carried>()
  let connections = 0
  let bytesPerTick = Infinity
  let fate: 'pass' | 'refuse' | 'swallow' = 'pass'

  function bring(one: Carried, most: number): void {
    if (one.buried) return
    const now = one.waiting.subarray(0, most)
    one.waiting = one.waiting.subarray(now.length)
    if (now.length > 0) one.near.write(now)
    if (one.waiting.length < mostWaiting) one.far.resume()
  }

  const ticking = setInterval(() => {
    const busy = [...carried].filter(({ waiting }) => waiting.length > 0)
    for (const one of busy) bring(one, Math.ceil(bytesPerTick / busy.length))
  }, tickMs)

  const listening = createServer((near) => {
    connections += 1
    const far = connect(port, '127.0.0.1')
    const one: Carried = { near, far, waiting: Buffer.alloc(0), buried: false }
    carried.add(one)
    for (const end of [near, far]) end.setNoDelay(true)
    near.on('data', (said) => {
      if (one.buried) return
      const isUpgrade = fate !== 'pass' && /\nupgrade: *websocket/i.test(said.toString('latin1'))
      if (!isUpgrade) far.write(said)
      else if (fate === 'refuse')
        near.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      else one.buried = true
    })
    far.on('data', (said) => {
      one.waiting = Buffer.concat([one.waiting, said])
      if (bytesPerTick === Infinity) bring(one, Infinity)
      else if (one.waiting.length >= mostWaiting) far.pause()
    })
    const end = (): void => {
      near.destroy()
      far.destroy()
      carried.delete(one)
    }
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')

  return {
    port: (listening.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    slow(bytesPerSecond) {
      bytesPerTick = bytesPerSecond === undefined ? Infinity : (bytesPerSecond * tickMs) / 1_000
    },
    bury() {
      for (const one of carried) one.buried = true
    },
    upgrades(next) {
      fate = next
    },
    async close() {
      clearInterval(ticking)
      for (const { near, far } of carried) {
        near.destroy()
        far.destroy()
      }
      await new Promise((resolve) => listening.close(resolve))
    },
  }
}
