import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, release, totalmem } from 'node:os'

const git = (...args: readonly string[]): string | undefined => {
  try {
    return execFileSync('git', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
const version = (name: string): string =>
  (JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string }).version

/** What the figures were measured on, and what was measured. */
export function describeMachine() {
  return {
    commit: git('rev-parse', 'HEAD'),
    changed: git('status', '--porcelain', '--', 'services', 'shared') !== '',
    processors: cpus().length,
    processor: cpus()[0]?.model,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release()} ${arch()}`,
    node: process.version,
    packages: Object.fromEntries(
      ['socket.io', 'express', 'jsonwebtoken', 'ws', 'undici', 'mongoose', 'amqplib', 'ioredis'].map(
        (name) => [name, version(name)],
      ),
    ),
  }
}
