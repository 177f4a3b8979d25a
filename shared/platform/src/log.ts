import { describeError, isError } from './log-errors/describe-error.ts'
import { type DestinationStream, type LogFn, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

const secrets = [
  'password',
  'newPassword',
  'token',
  'refreshToken',
  'authorization',
  'cookie',
  'auth',
  'email',
]

/** What waits while nothing can be written: lines beyond it are dropped. */
const mostWaitingBytes = 1024 * 1024

/**
 * Where log lines go. That they cannot be written, such as onto a disk that is full, is no reason to end: what there
 * was to say is lost then, and what was promised to people is not.
 */
export function logDestination(fileDescriptor: number, { sync }: { sync: boolean }): DestinationStream {
  const destination = pino.destination({ dest: fileDescriptor, sync, maxLength: mostWaitingBytes })
  destination.on('error', () => undefined)
  return destination
}

/**
 * JSON lines with the service's name. Secrets are redacted by name, at the top of a line's object and one
 * level below, so a request body that slips into a line does no harm. Of errors only what `describeError` lists is said.
 */
export function createLogger(
  service: string,
  level: LogLevel,
  destination: DestinationStream = logDestination(1, { sync: false }),
): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => describeError(error) },
      formatters: { log: describeErrors },
      hooks: { logMethod: sayNothingOfTheirs },
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    },
    destination,
  )
}

/** Those that were put under another name than `err`: their properties would be written as they are. */
function describeErrors(line: Record<string, unknown>): Record<string, unknown> {
  const errors = Object.keys(line).filter((name) => name !== 'err' && isError(line[name]))
  if (errors.length === 0) return line
  return { ...line, ...Object.fromEntries(errors.map((name) => [name, describeError(line[name])])) }
}

/** Where nobody says what happened, pino would take the message of the error for it. */
function sayNothingOfTheirs(this: Logger, [first, ...others]: unknown[], method: LogFn): void {
  const line = isError(first) ? { err: first } : first
  const unsaid = others.length === 0 && line instanceof Object && 'err' in line && !('msg' in line)
  method.apply(this, [line, ...(unsaid ? ['an error'] : others)] as Parameters<LogFn>)
}
