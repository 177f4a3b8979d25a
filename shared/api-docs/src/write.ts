import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createAsyncApiDocument } from './asyncapi.ts'
import { createOpenApiDocument } from './openapi.ts'

/** Writes both documents below the current folder, which npm makes the root of the repository. */
const folder = resolve('docs/api')
mkdirSync(folder, { recursive: true })
for (const [name, document] of [
  ['openapi.json', createOpenApiDocument()],
  ['asyncapi.json', createAsyncApiDocument()],
] as const) {
  const file = resolve(folder, name)
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`)
  console.log(file)
}
