// Prints what the official parser has to say about an AsyncAPI document, as JSON.
import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'))
const faults = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')
console.log(JSON.stringify({ operations: document?.operations().length ?? 0, faults }))
