import { cgroupPathOf, parseUsage } from './container.ts'

it('finds the group that counts CPU, in version 1', () => {
  const text = '9:name=systemd:/docker/1f\n4:memory:/docker/1f\n2:cpu,cpuacct:/docker/1f\n0::/\n'
  expect(cgroupPathOf(text)).toEqual({ version: 1, path: '/docker/1f' })
})

it('finds it in version 2', () => {
  const text = '0::/system.slice/docker-1f.scope\n'
  expect(cgroupPathOf(text)).toEqual({ version: 2, path: '/system.slice/docker-1f.scope' })
  expect(() => cgroupPathOf('')).toThrow('no control group')
})

it('reads what was used', () => {
  expect(parseUsage('usage_usec 123456\nuser_usec 100000\nsystem_usec 23456\n')).toBe(123_456)
})
