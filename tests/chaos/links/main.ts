import { createServer, type IncomingMessage } from 'node:http'
import { openLink, type Rule } from './link.ts'

/**
 * The network between clients, services and servers, as a process whose links can be made bad: one port for each
 * link, and one to give orders. Runs in a container of the chaos stack.
 *
 *   PUT /<link> {"held": true, "delayMs": 0, "jitterMs": 0, "from": "<address>"?}   what is so from now on
 *   DELETE /                                                                        all is well again
 */

const links = {
  edge: openLink({ port: 8_080, host: 'edge-server', targetPort: 8_080 }),
  mongo: openLink({ port: 27_017, host: 'mongo-server', targetPort: 27_017 }),
  rabbitmq: openLink({ port: 5_672, host: 'rabbitmq-server', targetPort: 5_672 }),
  redis: openLink({ port: 6_379, host: 'redis-server', targetPort: 6_379 }),
}

async function take(request: IncomingMessage): Promise<number> {
  if (request.method === 'DELETE') {
    for (const link of Object.values(links)) link.setRule(undefined)
    return 204
  }
  const link = links[request.url?.slice(1) as keyof typeof links]
  if (link === undefined) return 404
  link.setRule(JSON.parse((await request.toArray()).join('')) as Rule)
  return 204
}

createServer((request, response) => {
  void take(request).then((status) => response.writeHead(status).end())
}).listen(8_000)

process.on('SIGTERM', () => process.exit(0))
