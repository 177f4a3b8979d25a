import { readArguments, usage, UsageError } from './dead-letters-arguments.ts'

it.each([
  ['list', { command: 'list', id: undefined, limit: 100, json: false }],
  ['list --limit 5 --queue a --json', { command: 'list', queue: 'a', limit: 5, json: true }],
  ['show 1', { command: 'show', id: '1' }],
  ['replay 1 --queue a', { command: 'replay', id: '1', queue: 'a' }],
  ['replay --all', { command: 'replay', id: undefined }],
  ['drop --all --yes', { command: 'drop', id: undefined }],
])('%s is understood', (typed, expected) => {
  expect(readArguments(typed.split(' '))).toMatchObject(expected)
})

it.each([
  '',
  'look',
  'list 1',
  'list --limit 0',
  'list --limit few',
  'list --unknown',
  'show',
  'show 1 2',
  'replay',
  'replay 1 --all',
  'drop',
  'drop --all',
])('"%s" is not', (typed) => {
  expect(() => readArguments(typed.split(' ').filter(Boolean))).toThrow(UsageError)
})

it('help is asked for with or without a command, and names every command', () => {
  expect([readArguments(['--help']), readArguments(['drop', '--help'])]).toEqual([undefined, undefined])
  for (const command of ['list', 'show', 'replay', 'drop']) expect(usage).toContain(`  ${command} `)
})
