import { type ChildProcess, fork } from 'node:child_process'
import type { FromWorker, ToWorker } from './protocol.ts'

type Answer<D extends FromWorker['did']> = Extract<FromWorker, { did: D }>

export interface TrafficWorker {
  readonly pid: number
  /** Gives an order and waits until it is done. Rejects when the process ends instead. */
  order<D extends ToWorker['do']>(message: Extract<ToWorker, { do: D }>): Promise<Answer<D>>
  end(): void
}

/** Starts a process that plays some of the users. */
export function startWorker(onProgress: (acked: number) => void): TrafficWorker {
  const child: ChildProcess = fork('tests/traffic/worker.ts', {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    pid: child.pid!,
    order: <D extends ToWorker['do']>(message: Extract<ToWorker, { do: D }>) =>
      new Promise<Answer<D>>((resolve, reject) => {
        const onExit = (code: number | null): void => reject(new Error(`a worker ended with ${code}`))
        const onMessage = (answer: FromWorker): void => {
          if (answer.did === 'progress') return onProgress(answer.acked)
          child.off('message', onMessage)
          child.off('exit', onExit)
          resolve(answer as Answer<D>)
        }
        child.on('message', onMessage)
        child.on('exit', onExit)
        child.send(message)
      }),
    end: () => void child.kill(),
  }
}
