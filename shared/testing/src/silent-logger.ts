import { createLogger, type Logger } from '@parley/platform/log.ts'

export const createSilentLogger = (): Logger => createLogger('test', 'silent')

/** A logger whose lines a test can read. */
export function createRecordingLogger(): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
  return { logger: createLogger('test', 'trace', { write }), lines }
}
