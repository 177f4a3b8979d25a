import type { Logger } from './log.ts'

export interface Shutdown {
  /** Registers how to close what was just opened. Steps run in reverse order, one after the other. */
  onClose(name: string, close: () => Promise<void> | void): void
  /** Closes everything, once; later calls wait for the first. Resolves to whether all of it went well. */
  close(reason: string): Promise<boolean>
  isClosing(): boolean
}

/**
 * Closes in the reverse order of opening, and goes on when a step fails: the next one may hold data.
 * @param deadlineMs after which `close` resolves to `false`, whatever is still open
 */
export function createShutdown({ logger, deadlineMs }: { logger: Logger; deadlineMs: number }): Shutdown {
  const steps: { name: string; close: () => Promise<void> | void }[] = []
  let closing: Promise<boolean> | undefined

  async function closeAll(): Promise<boolean> {
    let clean = true
    for (const step of steps.toReversed()) {
      try {
        await step.close()
        logger.debug({ step: step.name }, 'closed')
      } catch (error) {
        clean = false
        logger.error({ err: error, step: step.name }, 'closing failed')
      }
    }
    return clean
  }

  return {
    onClose(name, close) {
      steps.push({ name, close })
    },
    close(reason) {
      closing ??= new Promise((resolve) => {
        logger.info({ reason }, 'shutting down')
        const timer = setTimeout(() => {
          logger.error({ deadlineMs }, 'shutdown passed its deadline')
          resolve(false)
        }, deadlineMs)
        void closeAll().then((clean) => {
          clearTimeout(timer)
          resolve(clean)
        })
      })
      return closing
    },
    isClosing: () => closing !== undefined,
  }
}

/** npm passes a Ctrl-C on to a process that the terminal has sent it to already. */
const sameSignalWithinMs = 1_000

/**
 * Ends this process in order on SIGTERM and SIGINT (exit code 0, or 1 when something did not close), and on
 * an error that nobody caught (exit code 1). Another signal, a second later, ends it at once.
 */
export function closeOnSignals(shutdown: Shutdown, logger: Logger): void {
  const end = async (reason: string, code: number): Promise<void> => {
    const clean = await shutdown.close(reason)
    process.exit(clean ? code : 1)
  }
  let firstAt: number | undefined
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstAt !== undefined && performance.now() - firstAt > sameSignalWithinMs) process.exit(1)
      firstAt ??= performance.now()
      void end(signal, 0)
    })
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, event)
      void end(event, 1)
    })
  }
}
