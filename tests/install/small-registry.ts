import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface SmallRegistry {
  readonly url: string
  /** What a lock file says of a package. */
  integrityOf(name: string): string
  /** Paths that were asked for. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/**
 * A registry of packages at version 1.0.0, each of which holds its manifest only, for the real npm.
 * @param manifests what stands in them besides name and version
 */
export async function startSmallRegistry(
  manifests: Readonly<Record<string, object>>,
  folder: string,
): Promise<SmallRegistry> {
  const tarballs = new Map(Object.entries(manifests).map(([name, more]) => [name, pack(name, more, folder)]))
  const integrityOf = (name: string): string =>
    `sha512-${createHash('sha512').update(tarballs.get(name)!).digest('base64')}`
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    const name = url.split('/')[1] ?? ''
    const tarball = tarballs.get(name)
    if (tarball === undefined) {
      response.writeHead(404).end('{}')
      return
    }
    if (url.includes('/-/')) {
      response.end(tarball)
      return
    }
    const dist = { tarball: `${address}/${name}/-/${name}-1.0.0.tgz`, integrity: integrityOf(name) }
    const versions = { '1.0.0': { name, version: '1.0.0', dist } }
    response.end(JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: address,
    integrityOf,
    asked,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function pack(name: string, more: object, folder: string): Buffer {
  const content = join(folder, name, 'package')
  mkdirSync(content, { recursive: true })
  writeFileSync(join(content, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...more }))
  const file = join(folder, `${name}.tgz`)
  execFileSync('tar', ['-czf', file, '-C', join(folder, name), 'package'])
  return readFileSync(file)
}
