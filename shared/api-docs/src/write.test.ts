import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTemporaryFolder } from '@parley/testing/temporary-folder.ts'
import { createAsyncApiDocument } from './asyncapi.ts'
import { createOpenApiDocument } from './openapi.ts'

it('`npm run docs:api` writes both documents and says where', async () => {
  const folder = createTemporaryFolder()
  try {
    const script = join(__dirname, 'write.ts')
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { cwd: folder.path })
    const files = stdout.trim().split('\n')
    expect(stderr).toBe('')
    expect(files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as unknown)).toEqual([
      JSON.parse(JSON.stringify(createOpenApiDocument())),
      createAsyncApiDocument(),
    ])
    expect(files.map((file) => file.slice(file.indexOf('docs')))).toEqual([
      join('docs', 'api', 'openapi.json'),
      join('docs', 'api', 'asyncapi.json'),
    ])
  } finally {
    folder.remove()
  }
})
