import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'

export const usage = `Parley, embedded: the whole chat in one process, with nothing else to install.

  npm start -- [options]

  --port <number>   where to listen (default 3000; 0 for any free port)
  --host <address>  the address to listen on (default 127.0.0.1: this machine only)
  --data <folder>   where the data is kept (default ./data)
  --no-demo         do not create the demo users and their conversations in a new data folder
  --public-demo     with --host, let others log in as the demo users, too: their password is in this repository
  --reset           delete the data in the data folder first (npm run reset does only that)
  --open            open the web app in the browser
  --json            print one line of JSON instead of the box of addresses
  --help            print this

Everything else is set by environment variables; docs/settings.md lists them all:

  LOG_LEVEL=info npm start
`

export interface Options {
  readonly port: number
  readonly host: string
  readonly dataFolder: string
  readonly demo: boolean
  readonly publicDemo: boolean
  readonly reset: boolean
  readonly open: boolean
  readonly json: boolean
  readonly help: boolean
}

/** What was typed cannot be understood; the message says which part. */
export class UsageError extends Error {}

const port = z.coerce.number().int().min(0).max(65_535)

/**
 * Reads the command line.
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): Options {
  const { port: wantedPort, data, 'public-demo': publicDemo, ...others } = parse(args)
  const checked = port.safeParse(wantedPort)
  if (!checked.success || wantedPort.trim() === '') {
    throw new UsageError(`--port must be a number from 0 to 65535, not "${wantedPort}"`)
  }
  return { ...others, port: checked.data, dataFolder: resolve(data), publicDemo }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        port: { type: 'string', default: '3000' },
        host: { type: 'string', default: '127.0.0.1' },
        data: { type: 'string', default: 'data' },
        demo: { type: 'boolean', default: true },
        'public-demo': { type: 'boolean', default: false },
        reset: { type: 'boolean', default: false },
        open: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
