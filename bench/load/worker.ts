import { type ChildProcess, fork } from 'node:child_process'

export type Catalogue<O> = { readonly [D in keyof O]: { order: object; answer: object } }
type OrderOf<O extends Catalogue<O>> = { [D in keyof O]: { do: D } & O[D]['order'] }[keyof O]

/** A process of its own, so that its CPU can be told from that of others. It answers one order at a time. */
export interface Worker<O extends Catalogue<O>> {
  readonly pid: number
  /** Rejects when the order fails or the process ends. */
  ask<D extends keyof O & string>(what: D, order: O[D]['order']): Promise<O[D]['answer']>
  /** Lets it end by itself, so that it can write what it has to. */
  end(): Promise<void>
}

/** @param file path of the program */
export function startWorker<O extends Catalogue<O>>(
  file: string,
  env: Readonly<Record<string, string>> = {},
): Worker<O> {
  const child: ChildProcess = fork(file, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    pid: child.pid!,
    ask: (what, order) =>
      new Promise((resolve, reject) => {
        const onExit = (code: number | null): void => reject(new Error(`${file} ended with ${code}`))
        child.once('exit', onExit)
        child.once('message', (message) => {
          child.off('exit', onExit)
          const { answer, failure } = message as { answer?: never; failure?: string }
          if (failure === undefined) resolve(answer!)
          else reject(new Error(`${what} failed in ${file}: ${failure}`))
        })
        child.send({ do: what, ...order }, (error) => {
          if (error !== null) reject(error)
        })
      }),
    async end() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** In the process itself: carries out orders, and sends what they resolve to. Ends when its parent does. */
export function serveOrders<O extends Catalogue<O>>(handle: (order: OrderOf<O>) => Promise<object>): void {
  process.on('message', (order) => {
    handle(order as OrderOf<O>).then(
      (answer) => process.send?.({ answer }),
      (error: unknown) => process.send?.({ failure: error instanceof Error ? error.stack : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
  // Whoever types Ctrl-C means the parent, which then ends this one.
  process.on('SIGINT', () => undefined)
}
