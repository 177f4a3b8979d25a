import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

let child: ChildProcessWithoutNullStreams
let exited: Promise<unknown>
let lines: Record<string, unknown>[]
afterEach(() => child.kill('SIGKILL'))

/** Runs a process that has one thing to close, and waits until it is up. */
async function start({
  close,
  afterwards = '',
  deadlineMs,
}: {
  close: string
  afterwards?: string
  deadlineMs: number
}) {
  const url = (file: string) => JSON.stringify(pathToFileURL(join(__dirname, file)).href)
  const script = `
    import { createLogger } from ${url('log.ts')}
    import { closeOnSignals, createShutdown } from ${url('shutdown.ts')}
    const logger = createLogger('child', 'info')
    const shutdown = createShutdown({ logger, deadlineMs: ${deadlineMs} })
    shutdown.onClose('store', ${close})
    closeOnSignals(shutdown, logger)
    setInterval(() => {}, 1_000)
    logger.info('up')
    ${afterwards}
  `
  child = spawn(process.execPath, ['--input-type=module', '-e', script])
  exited = once(child, 'close')
  lines = []
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>))
  await logged('up')
}

/** The order of a process's last lines says nothing: what pino still holds at the exit may overtake. */
const said = (message: string) => lines.filter(({ msg }) => msg === message)

async function logged(message: string): Promise<void> {
  while (said(message).length === 0) await once(child.stdout, 'data')
}

const untilStdinEnds = `() => new Promise((resolve) => process.stdin.once('end', resolve).resume())`
const never = '() => new Promise(() => {})'

describe('a process', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('closes on %s and exits with 0', async (signal) => {
    await start({ close: `() => logger.info('store closed')`, deadlineMs: 20_000 })
    child.kill(signal)
    await expect(exited).resolves.toEqual([0, null])
    expect(said('shutting down')).toMatchObject([{ reason: signal }])
    expect(said('store closed')).toHaveLength(1)
  })

  it('exits with 1 when something does not close well', async () => {
    await start({
      close: `() => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))`,
      deadlineMs: 20_000,
    })
    child.kill('SIGTERM')
    await expect(exited).resolves.toEqual([1, null])
    expect(said('closing failed')).toMatchObject([{ err: { message: 'no space left on device' } }])
  })

  it('exits with 1 at the deadline when something hangs', async () => {
    await start({ close: never, deadlineMs: 100 })
    child.kill('SIGTERM')
    await expect(exited).resolves.toEqual([1, null])
    expect(said('shutdown passed its deadline')).toHaveLength(1)
  })

  it('takes a signal that comes twice at once as one', async () => {
    await start({ close: untilStdinEnds, deadlineMs: 20_000 })
    child.kill('SIGINT')
    child.kill('SIGTERM')
    await logged('shutting down')
    child.stdin.end()
    await expect(exited).resolves.toEqual([0, null])
  })

  it('ends at once when somebody insists', async () => {
    await start({ close: never, deadlineMs: 1_000_000 })
    while (child.exitCode === null) {
      child.kill('SIGTERM')
      await sleep(50)
    }
    await expect(exited).resolves.toEqual([1, null])
  })

  it.each([
    ['uncaughtException', `setImmediate(function unforeseen() { throw new RangeError('hunter2') })`],
    ['unhandledRejection', `void (async function unforeseen() { throw new RangeError('hunter2') })()`],
  ])('closes on an %s, says what it was and where, and exits with 1', async (event, afterwards) => {
    await start({ close: `() => logger.info('store closed')`, afterwards, deadlineMs: 20_000 })
    await expect(exited).resolves.toEqual([1, null])
    const err = { type: 'RangeError', stack: expect.stringContaining('unforeseen') as string }
    expect(said(event)).toMatchObject([{ level: 60, err }])
    expect(JSON.stringify(lines)).not.toContain('hunter2')
    expect(said('store closed')).toHaveLength(1)
  })
})
