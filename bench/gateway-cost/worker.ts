import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Order, Orders } from './protocol.ts'

/** A process of its own, so that its CPU can be told from that of others. It answers one order at a time. */
export interface Worker {
  ask<D extends keyof Orders>(what: D, order: Orders[D]['order']): Promise<Orders[D]['answer']>
  /** Without waiting for an answer. */
  tell(order: Order): void
  end(): void
}

export function startWorker(file: 'gateway.ts' | 'clients.ts'): Worker {
  const child: ChildProcess = fork(join(import.meta.dirname, file), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    ask: (what, order) =>
      new Promise((resolve, reject) => {
        const onExit = (code: number | null): void => reject(new Error(`${file} ended with ${code}`))
        child.once('exit', onExit)
        child.once('message', (answer) => {
          child.off('exit', onExit)
          resolve(answer as never)
        })
        child.send({ do: what, ...order })
      }),
    tell: (order) => void child.send(order),
    end: () => void child.kill(),
  }
}

/** In the process itself: carries out orders, and sends what they resolve to. */
export function serveOrders(handle: (order: Order) => Promise<object | undefined>): void {
  process.on('message', (order: Order) => {
    void handle(order).then((answer) => {
      if (answer !== undefined) process.send?.(answer)
    })
  })
  process.on('disconnect', () => process.exit())
}
