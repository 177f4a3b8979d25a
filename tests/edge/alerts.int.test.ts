import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { securityEvents } from '@parley/platform/security-log.ts'

const rules = join('deploy', 'prometheus', 'alerts.yml')

/** Prometheus's own tool, with the rules and what they are to say about some series. */
async function promtool(...args: readonly string[]): Promise<string> {
  const mounts = [
    `${resolve(rules)}:/alerts.yml:ro`,
    `${resolve('tests', 'edge', 'alerts.test.yml')}:/alerts.test.yml:ro`,
  ].flatMap((mount) => ['--volume', mount])
  const image = ['--network', 'none', '--entrypoint', 'promtool', 'prom/prometheus:v3']
  try {
    const { stdout } = await promisify(execFile)('docker', ['run', '--rm', ...mounts, ...image, ...args])
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return `${stdout}${stderr}`
  }
}

describe('the alert rules for Prometheus', () => {
  it('are such as Prometheus takes', async () => {
    expect(await promtool('check', 'rules', '/alerts.yml')).toContain('SUCCESS')
  }, 60_000)

  it('fire when they should, and not before', async () => {
    expect(await promtool('test', 'rules', '/alerts.test.yml')).toContain('SUCCESS')
  }, 60_000)

  it('ask only for events that the security log has', () => {
    const asked = [...readFileSync(rules, 'utf8').matchAll(/event=~?"([^"]+)"/g)].flatMap(([, names]) =>
      names!.split('|'),
    )
    expect(asked.length).toBeGreaterThan(5)
    for (const name of asked) expect(securityEvents).toContain(name)
  })
})
