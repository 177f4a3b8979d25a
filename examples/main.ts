// Runs two-people.ts, and says what to do when it cannot talk:
//
//   npm run example -- [address]
import { ParleyClientError } from '@parley/client/client-error.ts'

const url = process.argv[2] ?? 'http://localhost:3000'
const elsewhere = 'the address of a Parley follows two dashes: npm run example -- http://localhost:4000'

function explain(error: unknown): string | undefined {
  if (!(error instanceof ParleyClientError)) return undefined
  if (error.code === 'invalid-credentials') return `${url} has no demo users; start it on a new data folder`
  if (error.code !== 'unavailable' || error.problem !== undefined) return undefined
  return `no Parley answers at ${url}; start one with npm start, or name another:\n${elsewhere}`
}

function fail(message: string): never {
  process.stderr.write(`parley: ${message}\n`)
  process.exit(1)
}

if (!/^https?:\/\//.test(url) || !URL.canParse(url)) fail(`"${url}" is no address; ${elsewhere}`)
try {
  await import('./two-people.ts')
} catch (error) {
  fail(explain(error) ?? String(error))
}
