import { spawn } from 'node:child_process'

/** What opens an address in the standard browser, by platform. */
const commands: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
}

/** Opens an address in the standard browser, and says on stderr when there is none. Waits for nothing. */
export function openBrowser(address: string): void {
  const [command, ...args] = commands[process.platform] ?? ['xdg-open']
  const complain = (): void => void process.stderr.write(`parley: no browser opens; go to ${address}\n`)
  const child = spawn(command, [...args, address], { stdio: 'ignore', detached: true })
  child.once('error', complain)
  // explorer.exe says 1 when all is well.
  if (process.platform !== 'win32') child.once('exit', (code) => code !== 0 && complain())
  child.unref()
}
