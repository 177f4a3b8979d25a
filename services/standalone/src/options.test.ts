import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { readOptions, usage, UsageError } from './options.ts'

describe('the command line', () => {
  it('has a standard for everything', () => {
    expect(readOptions([])).toEqual({
      port: 3000,
      host: '127.0.0.1',
      dataFolder: resolve('data'),
      demo: true,
      publicDemo: false,
      reset: false,
      open: false,
      json: false,
      help: false,
    })
  })

  it('is read', () => {
    const flags = ['--no-demo', '--public-demo', '--reset', '--open', '--json', '--help']
    const args = ['--port=0', '--host', '::1', '--data', '/tmp/x', ...flags]
    expect(readOptions(args)).toEqual({
      port: 0,
      host: '::1',
      dataFolder: '/tmp/x',
      demo: false,
      publicDemo: true,
      reset: true,
      open: true,
      json: true,
      help: true,
    })
  })

  it.each([
    ['--port', ''],
    ['--port', '-1'],
    ['--port', '65536'],
    ['--port', '80.5'],
    ['--port'],
    ['--unknown'],
    ['positional'],
  ])('refuses %j %j', (...args) => {
    expect(() => readOptions(args.filter((arg) => arg !== undefined))).toThrow(UsageError)
  })

  it('is explained with the page that lists the settings', () => {
    const [page = ''] = /docs\/\S+\.md/.exec(usage) ?? []
    expect(page).toBe('docs/settings.md')
    expect(existsSync(page)).toBe(true)
  })
})
