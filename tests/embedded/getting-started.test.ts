import { execFile } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { startEmbedded } from '../embedded-process.ts'

it('what the page about sockets says to type runs as it stands there', async () => {
  const [folder, data] = [createTemporaryFolder(), createTemporaryFolder()]
  const server = await startEmbedded({ dataFolder: data.path, demo: true })
  try {
    const page = await (await fetch(`${server.url}/docs/sockets`)).text()
    const block = (id: string): string => {
      const [, text = ''] = new RegExp(`<pre id="${id}">([^]*?)</pre>`).exec(page) ?? []
      return text
        .replaceAll('&quot;', '"')
        .replaceAll('&gt;', '>')
        .replaceAll('&lt;', '<')
        .replaceAll('&amp;', '&')
    }
    writeFileSync(join(folder.path, 'hello.mjs'), block('hello'))
    // The package is here already; everything else is typed as it stands.
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder.path, 'node_modules'))
    const [install, ...commands] = block('run').split('\n')
    expect(install).toBe('npm install socket.io-client')
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` }
    const { stdout } = await promisify(execFile)('sh', ['-e', '-c', commands.join('\n')], {
      cwd: folder.path,
      env,
    })
    expect(stdout).toMatch(/^connected as Alice$/m)
    const [, seq] = /^stored true (\d+)$/m.exec(stdout) ?? []
    expect(stdout).toContain(`heard ${seq} Hello Bob`)
  } finally {
    await server.end('SIGTERM')
    folder.remove()
    data.remove()
  }
})
