import { once } from 'node:events'

/** Node's inspector of another process, as far as measuring its memory needs it. */
export interface Inspector {
  /** Resolves once the process has collected all its garbage. */
  collectGarbage(): Promise<void>
  close(): void
}

/** @param stderr of a process that was started with `--inspect` */
export async function openInspector(stderr: string): Promise<Inspector> {
  const address = /ws:\/\/\S+/.exec(stderr)?.[0]
  if (address === undefined) throw new Error(`the process has no inspector:\n${stderr}`)
  const socket = new WebSocket(address)
  await once(socket, 'open')
  return {
    async collectGarbage() {
      const answered = once(socket, 'message')
      socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }))
      await answered
    },
    close: () => socket.close(),
  }
}
