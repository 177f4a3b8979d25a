import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

const secrets = ['password', 'token', 'refreshToken', 'authorization', 'cookie', 'auth']

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
 * level below, so a request body that slips into a line does no harm.
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
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    },
    destination,
  )
}
