import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { securityEvents } from '@parley/platform/security-log.ts'

const page = readFileSync('docs/security.md', 'utf8')
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '')
const named = (pattern: RegExp): string[] => [
  ...new Set([...page.matchAll(pattern)].map(([, name]) => name!)),
]

/** A page that says what protects whom has to be right about it. */
describe('docs/security.md', () => {
  it('names tests that are there', () => {
    const tests = named(/`([\w/.-]+\.(?:test|contract|law)\.ts)`/g)
    expect(tests.length).toBeGreaterThan(40)
    expect(tests.filter((test) => !files.some((file) => `/${file}`.endsWith(`/${test}`)))).toEqual([])
  })

  it('names settings that are there', () => {
    const table = readFileSync('docs/settings.md', 'utf8')
    const compose =
      readFileSync('docker-compose.yml', 'utf8') + readFileSync('deploy/compose/proxy-protocol.yml', 'utf8')
    const settings = named(/`([A-Z]+(?:_[A-Z]+)+)`/g)
    expect(settings.length).toBeGreaterThan(30)
    expect(
      settings.filter((setting) => !table.includes(`\`${setting}\``) && !compose.includes(setting)),
    ).toEqual([])
  })

  it('tells of all events of the security log', () => {
    expect(named(/^\| `([a-z-]+)` +\|/gm)).toEqual(expect.arrayContaining([...securityEvents]))
  })
})
