import { readOptions, UsageError } from './options.ts'

const known = ['send-http', 'send-socket']
const read = (...args: string[]) => readOptions(args, known)

it('has defaults that depend on how long it may take and on what is measured', () => {
  expect(read('send-http')).toMatchObject({ mode: 'embedded', runs: 5, clients: 1, short: false })
  expect(read('send-http', '--short', '--mode', 'stack')).toMatchObject({ runs: 2, clients: 2 })
  expect(read('send-http', '--short', '--runs', '3').runs).toBe(3)
})

it('takes several scenarios, or all of them', () => {
  expect(read('send-socket', 'send-http').scenarios).toEqual(['send-socket', 'send-http'])
  expect(read('all').scenarios).toEqual(['all'])
})

it.each([
  [[], 'name a scenario'],
  [['send-smoke'], 'no scenario send-smoke'],
  [['send-http', '--mode', 'cloud'], 'mode'],
  [['send-http', '--rate', '-1'], 'rate'],
  [['send-http', '--runs', '1.5'], 'runs'],
  [['send-http', '--fast'], '--fast'],
])('refuses %j in words', (args, words) => {
  expect(() => read(...args)).toThrow(UsageError)
  expect(() => read(...args)).toThrow(words)
})
