/** `EX_USAGE` of sysexits.h. */
export const EXIT_USAGE = 64

/** Ends the process with one message for people. */
export function fail(message: string, exitCode: number): never {
  process.stderr.write(`parley: ${message}\n`)
  process.exit(exitCode)
}

/** What `parse` makes of the arguments; what it does not understand ends the process with the usage. */
export function readArguments<Values>(usage: string, parse: () => Values): Values {
  try {
    return parse()
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`, EXIT_USAGE)
  }
}
