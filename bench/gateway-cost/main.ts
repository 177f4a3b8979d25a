// What a message costs when there are more gateways: CPU of all gateways and of Redis per message, with the
// classic and with the sharded Redis adapter of Socket.IO.
//
//   node bench/gateway-cost/main.ts [--rate 400] [--users 200] [--seconds 20] [--gateways 1,2,4,8]
//                                   [--adapters classic,sharded]
import { parseArgs } from 'node:util'
import { startRedis } from '@parley/testing/containers.ts'
import { Redis } from 'ioredis'
import { type Load, measure } from './measure.ts'
import { adapters } from './protocol.ts'

process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '400' },
    users: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    gateways: { type: 'string', default: '1,2,4,8' },
    adapters: { type: 'string', default: adapters.join() },
  },
})
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const server = await startRedis()
const redis = new Redis(server.url)
try {
  print(`${values.rate} messages per second between two of ${values.users} users, ${values.seconds} s each;`)
  print('microseconds of CPU per message, two deliveries each, above what idle processes use\n')
  print(
    '| adapter | gateways | CPU of gateways | CPU of Redis | both | bytes from Redis | messages/s | deliveries missing |',
  )
  print('|---|---|---|---|---|---|---|---|')
  for (const adapter of adapters.filter((adapter) => values.adapters.split(',').includes(adapter))) {
    for (const gateways of values.gateways.split(',').map(Number)) {
      const load: Load = {
        adapter,
        gateways,
        users: Number(values.users),
        perSecond: Number(values.rate),
        seconds: Number(values.seconds),
      }
      const cost = await measure(load, { redis, url: server.url })
      const cells = [
        adapter,
        gateways,
        cost.gateways.toFixed(0),
        cost.redis.toFixed(0),
        (cost.gateways + cost.redis).toFixed(0),
        cost.bytes.toFixed(0),
        cost.perSecond.toFixed(0),
        cost.missing,
      ]
      print(`| ${cells.join(' | ')} |`)
    }
  }
} finally {
  redis.disconnect()
  await server.stop()
}
