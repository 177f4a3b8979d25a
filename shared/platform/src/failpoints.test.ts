import { z } from 'zod'
import { ConfigError, readConfig } from './config.ts'
import { createFailpoints, failpoint, noFailpoints } from './failpoints.ts'

const schema = z.object({ FAILPOINT: failpoint })
const read = (FAILPOINT: string) => readConfig(schema, { FAILPOINT }).FAILPOINT

describe('failpoints', () => {
  it('kill at the hit that was asked for, and at no other', () => {
    const deaths: string[] = []
    const failpoints = createFailpoints('after-insert:2', () => void deaths.push('dead'))
    failpoints.hit('after-insert')
    failpoints.hit('before-insert')
    failpoints.hit('before-insert')
    expect(deaths).toEqual([])
    failpoints.hit('after-insert')
    expect(deaths).toEqual(['dead'])
    failpoints.hit('after-insert')
    expect(deaths).toEqual(['dead'])
    expect([failpoints.has('after-insert'), failpoints.has('mid-group')]).toEqual([true, false])
  })

  it('are off without the setting', () => {
    expect(createFailpoints(undefined)).toBe(noFailpoints)
    expect(readConfig(schema, {})).toEqual({})
  })

  it.each(['before-insert', 'mid-group:12'])('%s is a setting', (setting) => {
    expect(read(setting)).toBe(setting)
  })

  it.each(['nowhere', 'after-insert:0', 'after-insert:', 'after-insert:1x'])('%s is none', (setting) => {
    expect(() => read(setting)).toThrow('FAILPOINT: must be one of before-insert, mid-group')
  })

  it.each([undefined, 'production', 'development'])('are refused where NODE_ENV is %s', (environment) => {
    const before = process.env['NODE_ENV']
    try {
      if (environment === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = environment
      expect(() => read('after-insert')).toThrow(ConfigError)
      expect(() => read('after-insert')).toThrow('FAILPOINT: is for tests only')
      expect(readConfig(schema, {})).toEqual({})
    } finally {
      process.env['NODE_ENV'] = before
    }
  })
})
