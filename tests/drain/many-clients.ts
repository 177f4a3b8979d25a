import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { SavedSession } from '@parley/client/session/saved-session.ts'
import type { ClientLife, FromClients, ToClients } from './protocol.ts'

/** Clients in processes of their own, so that they do not wait for each other or for the test. */
export interface ManyClients {
  /** What became of each so far. */
  lives(): Promise<ClientLife[]>
  close(): Promise<void>
}

/** Connects a client for each session; resolves once all of them are live. Run from the root of the repository. */
export async function connectMany({
  url,
  sessions,
  processes,
}: {
  url: string
  sessions: readonly SavedSession[]
  processes: number
}): Promise<ManyClients> {
  const children = Array.from({ length: processes }, () => fork(join('tests', 'drain', 'clients.ts')))

  const ask = (child: ChildProcess, order: ToClients): Promise<FromClients> =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null): void =>
        reject(new Error(`a process with clients ended with ${code}`))
      child.once('exit', onExit)
      child.once('message', (answer: FromClients) => {
        child.off('exit', onExit)
        resolve(answer)
      })
      child.send(order)
    })

  async function close(): Promise<void> {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = once(child, 'exit')
        child.send({ do: 'close' } satisfies ToClients)
        await ended
      }),
    )
  }

  try {
    await Promise.all(
      children.map((child, index) => {
        const own = sessions.filter((_, place) => place % processes === index)
        return ask(child, { do: 'connect', url, sessions: own })
      }),
    )
  } catch (error) {
    await close()
    throw error
  }
  return {
    async lives() {
      const answers = await Promise.all(children.map((child) => ask(child, { do: 'report' })))
      return answers.flatMap((answer) => ('lives' in answer ? answer.lives : []))
    },
    close,
  }
}
