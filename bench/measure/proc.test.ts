import { parseMachineStat, parseProcessStat, parseResidentBytes } from './proc.ts'

it('adds user and system time of a process, whatever its name is', () => {
  const text =
    '30831 (a (strange) name) R 30697 30697 23341 0 -1 4194304 101 0 0 0 250 50 7 9 20 0 1 0 3221386'
  expect(parseProcessStat(text)).toEqual({ ticks: 300 })
})

it('reads the memory of a process', () => {
  expect(parseResidentBytes('VmPeak:\t  900 kB\nVmRSS:\t  2048 kB\nRssAnon:\t 10 kB\n')).toBe(2_097_152)
  expect(() => parseResidentBytes('Name:\tzombie\n')).toThrow('VmRSS')
})

it('takes all of the machine but waiting: neither idle nor for a disk, and guests once', () => {
  const text = 'cpu  100 10 50 9000 800 5 6 7 40 2\ncpu0 1 1 1 1 1 1 1 1 0 0\n'
  expect(parseMachineStat(text)).toEqual({ busyTicks: 178 })
})
