import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { startRedis } from '@parley/testing/containers.ts'

/** A way to a server that can be cut, at an address that stays. */
export interface Line {
  readonly url: string
  /** Cuts every connection, and lets none through from now on. */
  cut(): void
  mend(): void
  /** Keeps back what clients send over the connections that there are now. */
  hold(): void
  release(): void
  close(): Promise<void>
}

/** @param port where the server is now, on the loopback address */
export async function openLine(port: () => number): Promise<Line> {
  const sockets = new Set<Socket>()
  const nearEnds = new Set<Socket>()
  let isCut = false

  const proxy = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(port(), '127.0.0.1')
    nearEnds.add(near)
    near.on('close', () => nearEnds.delete(near))
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }

  return {
    url: `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut,
    mend() {
      isCut = false
    },
    hold() {
      for (const near of nearEnds) near.pause()
    },
    release() {
      for (const near of nearEnds) near.resume()
    },
    async close() {
      cut()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

const docker = async (...args: string[]): Promise<void> => void (await promisify(execFile)('docker', args))

/** A Redis that can be stopped, which loses all that it holds, and started again at the same address. */
export async function startRestartableRedis() {
  const { container } = await startRedis()
  const id = container.getId()
  // The port on this machine is another one after each start.
  const port = (): number => container.getMappedPort(6_379)
  const lines: Line[] = []
  const open = async (): Promise<Line> => {
    const line = await openLine(port)
    lines.push(line)
    return line
  }
  const { url } = await open()

  return {
    url,
    /** A further way to the same server. */
    openLine: open,
    // Not `container.stop`: it works once.
    stop: () => docker('kill', id),
    start: () => container.restart({ timeout: 0 }),
    async remove() {
      await Promise.all(lines.map((line) => line.close()))
      await docker('rm', '--force', '--volumes', id)
    },
  }
}
export type RestartableRedis = Awaited<ReturnType<typeof startRestartableRedis>>
