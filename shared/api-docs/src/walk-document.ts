/** For tests: everything in a document, each with its JSON pointer (RFC 6901, as a URI fragment). */
export function* walk(value: unknown, pointer = '#'): Generator<readonly [pointer: string, value: unknown]> {
  yield [pointer, value]
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    const step = encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
    yield* walk(child, `${pointer}/${step}`)
  }
}

/** Every `$ref` in a document that leads nowhere in it. */
export function danglingRefs(document: unknown): string[] {
  const pointers = new Set([...walk(document)].map(([pointer]) => decodeURIComponent(pointer)))
  return refsIn(document).filter((ref) => !pointers.has(decodeURIComponent(ref)))
}

export const refsIn = (document: unknown): string[] =>
  [...walk(document)].filter(([pointer]) => pointer.endsWith('/%24ref')).map(([, ref]) => String(ref))

/** Every schema in a document that gives examples, with its pointer. */
export const schemasWithExamples = (document: unknown): { pointer: string; examples: unknown[] }[] =>
  [...walk(document)].flatMap(([pointer, value]) => {
    const examples = typeof value === 'object' && value !== null && 'examples' in value && value.examples
    return Array.isArray(examples) ? [{ pointer, examples }] : []
  })
