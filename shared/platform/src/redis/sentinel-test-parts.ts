import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { eventually } from '@parley/testing/eventually.ts'

const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('docker', args)).stdout.trim()

const name = 'parley'
const readyMs = 30_000

/** A Redis with a replica, and three Sentinels who see after a second that it is gone. */
export async function startRedisWithSentinels() {
  const ids: string[] = []

  async function start(...command: string[]): Promise<{ id: string; address: string }> {
    const id = await docker('run', '--detach', '--label', 'parley.test=container', 'redis:8', ...command)
    ids.push(id)
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    return { id, address: await docker('inspect', '--format', format, id) }
  }

  async function remove(): Promise<void> {
    await docker('rm', '--force', '--volumes', ...ids)
  }

  try {
    const master = await start('redis-server', '--save', '')
    await start('redis-server', '--save', '', '--replicaof', master.address, '6379')
    const settings = [
      `sentinel monitor ${name} ${master.address} 6379 2`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
    ]
    const run = `echo '${settings.join('\n')}' > /tmp/sentinel.conf && exec redis-sentinel /tmp/sentinel.conf`
    const sentinels = [
      await start('sh', '-c', run),
      await start('sh', '-c', run),
      await start('sh', '-c', run),
    ]
    for (const { id } of sentinels) {
      await eventually(async () => {
        const known = await docker('exec', id, 'redis-cli', '-p', '26379', 'sentinel', 'master', name)
        const fields = known.split('\n')
        const value = (field: string) => fields[fields.indexOf(field) + 1]
        expect([value('num-slaves'), value('num-other-sentinels')]).toEqual(['1', '2'])
      }, readyMs)
    }
    return {
      url: `redis+sentinel://${sentinels.map(({ address }) => `${address}:26379`).join(',')}/${name}`,
      killMaster: () => docker('kill', master.id),
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}
