import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startRedis } from '@parley/testing/containers.ts'
import { type Line, openLine } from '@parley/testing/line.ts'

const docker = async (...args: string[]): Promise<void> => void (await promisify(execFile)('docker', args))

/** A Redis that can be stopped, which loses all that it holds, and started again at the same address. */
export async function startRestartableRedis() {
  const { container } = await startRedis()
  const id = container.getId()
  // The port on this machine is another one after each start.
  const port = (): number => container.getMappedPort(6_379)
  const lines: Line[] = []
  const open = async (): Promise<Line & { url: string }> => {
    const line = await openLine(port)
    lines.push(line)
    return { ...line, url: `redis://127.0.0.1:${line.port}` }
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
