import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { readArguments, UsageError } from './verify-arguments.ts'

describe('the arguments of verify', () => {
  const url = 'mongodb://chat:secret@mongo/parley_chat'

  it('looks at ./data by itself, and gives events a minute', () => {
    expect(readArguments([], {})).toEqual({
      database: { file: resolve('data/chat.sqlite') },
      pendingMs: 60_000,
      repair: false,
      json: false,
    })
  })

  it('looks at what MONGO_URL names, unless it is given a folder', () => {
    expect(readArguments([], { MONGO_URL: url })?.database).toEqual({ url })
    expect(readArguments(['--data', '/there'], { MONGO_URL: url })?.database).toEqual({
      file: '/there/chat.sqlite',
    })
  })

  it('reads the address from a file, as the service does', () => {
    const folder = createTemporaryFolder()
    const file = join(folder.path, 'mongo-url')
    writeFileSync(file, `${url}\n`)
    expect(readArguments(['--repair', '--json'], { MONGO_URL_FILE: file })).toEqual({
      database: { url },
      pendingMs: 60_000,
      repair: true,
      json: true,
    })
    folder.remove()
  })

  it('takes any number of seconds, and 0', () => {
    expect(readArguments(['--pending-seconds', '0'], {})?.pendingMs).toBe(0)
    expect(readArguments(['--pending-seconds', '600'], {})?.pendingMs).toBe(600_000)
  })

  it('gives help before it looks at anything else', () => {
    expect(readArguments(['--help', '--pending-seconds', 'soon'], { MONGO_URL: 'nonsense' })).toBeUndefined()
  })

  it.each([
    [['--fix'], {}, "Unknown option '--fix'"],
    [['here'], {}, "Unexpected argument 'here'"],
    [['--pending-seconds', 'soon'], {}, 'a whole number from 0 on, not "soon"'],
    [['--pending-seconds=-1'], {}, 'a whole number from 0 on, not "-1"'],
    [['--pending-seconds='], {}, 'a whole number from 0 on, not ""'],
    [[], { MONGO_URL: 'localhost' }, 'MONGO_URL: must be mongodb://host:port/database'],
    [[], { MONGO_URL_FILE: '/nowhere' }, 'MONGO_URL_FILE: cannot be read'],
    [[], { MONGO_URL: url, MONGO_URL_FILE: '/nowhere' }, 'MONGO_URL: is set twice'],
  ])('refuses %j with %j', (args, env, why) => {
    const reading = (): unknown => readArguments(args, env)
    expect(reading).toThrow(UsageError)
    expect(reading).toThrow(why)
  })
})
