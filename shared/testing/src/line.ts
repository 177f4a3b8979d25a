import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server, at a port that stays, whatever port the server gets when it starts again. */
export interface Line {
  readonly port: number
  /** From now on nothing is answered, over connections old and new: as when the server hangs. */
  hold(): void
  release(): void
  /** Cuts every connection, and lets none through until it is mended: as when the server is gone. */
  cut(): void
  mend(): void
  /** Cuts every connection, and takes no further ones. */
  close(): Promise<void>
}

/** @param port where the server is at the moment, on the loopback address */
export async function openLine(port: () => number): Promise<Line> {
  const nearEnds = new Set<Socket>()
  const farEnds = new Set<Socket>()
  let held = false
  let isCut = false

  const listening = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(port(), '127.0.0.1')
    for (const end of [near, far]) end.setNoDelay(true)
    pass(near, far, nearEnds)
    pass(far, near, farEnds)
    if (held) near.pause()
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')

  const cutAll = (): void => {
    for (const socket of [...nearEnds, ...farEnds]) socket.destroy()
  }

  return {
    port: (listening.address() as AddressInfo).port,
    hold() {
      held = true
      for (const near of nearEnds) near.pause()
    },
    release() {
      held = false
      for (const near of nearEnds) near.resume()
    },
    cut() {
      isCut = true
      cutAll()
    },
    mend() {
      isCut = false
    },
    async close() {
      cutAll()
      await new Promise((resolve) => listening.close(resolve))
    },
  }
}

/** What one end says goes to the other, and so does its end. */
function pass(from: Socket, to: Socket, ends: Set<Socket>): void {
  ends.add(from)
  from.on('error', () => from.destroy())
  from.on('close', () => {
    ends.delete(from)
    to.destroy()
  })
  from.pipe(to)
}
