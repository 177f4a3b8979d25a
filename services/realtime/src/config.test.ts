import { ConfigError, readConfig } from '@parley/platform/config.ts'
import { realtimeConfig } from './config.ts'

describe('realtime config', () => {
  it('has a value for every setting', () => {
    const config = readConfig(realtimeConfig, {})
    expect(config.ALLOWED_ORIGINS).toEqual([])
    expect(config.SOCKET_MAX_PAYLOAD_BYTES).toBe(65_536)
    expect(config.SOCKET_EVENTS_PER_SECOND).toBe(50)
  })

  it('describes every setting', () => {
    for (const [name, schema] of Object.entries(realtimeConfig.shape)) {
      expect([name, schema.meta()?.description]).toEqual([name, expect.stringMatching(/^[A-Z].+/)])
    }
  })

  it('reads a list of origins', () => {
    const ALLOWED_ORIGINS = 'https://chat.example.com, http://localhost:3000,'
    expect(readConfig(realtimeConfig, { ALLOWED_ORIGINS }).ALLOWED_ORIGINS).toEqual([
      'https://chat.example.com',
      'http://localhost:3000',
    ])
  })

  it.each(['*', 'chat.example.com', 'https://chat.example.com/', 'https://a.example/path', 'null'])(
    'refuses %s, which no browser sends as an origin',
    (ALLOWED_ORIGINS) => {
      expect(() => readConfig(realtimeConfig, { ALLOWED_ORIGINS })).toThrow(ConfigError)
    },
  )
})
