interface Schema {
  type?: unknown
  properties?: unknown
  required?: unknown
  additionalProperties?: unknown
  oneOf?: unknown[]
  anyOf?: unknown[]
}

/**
 * "One of these fields" can be said in one word each (`oneOf: [{ required: ['to'] }, …]`), which validators
 * understand and generators make nothing of. So each choice is written out as an object of its own.
 */
export function writeOutChoices({ jsonSchema }: { jsonSchema: Schema }): void {
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    const choices = (jsonSchema[keyword] ?? []).map(requiredBy)
    if (choices.length === 0 || choices.includes(undefined)) continue
    const { type, properties, required, additionalProperties } = jsonSchema
    const fields = properties as Readonly<Record<string, unknown>>
    const chosen = new Set((choices as string[][]).flat())
    jsonSchema[keyword] = (choices as string[][]).map((names) => ({
      type,
      properties: Object.fromEntries(
        Object.entries(fields).filter(
          ([name]) => keyword === 'anyOf' || names.includes(name) || !chosen.has(name),
        ),
      ),
      required: [...names, ...((required ?? []) as string[])],
      ...(additionalProperties === undefined ? {} : { additionalProperties }),
    }))
    for (const key of ['properties', 'required', 'additionalProperties'] as const) delete jsonSchema[key]
  }
}

/** The fields that a choice demands, if it says nothing else. */
function requiredBy(choice: unknown): string[] | undefined {
  const { required, ...rest } = choice as { required?: string[] }
  return Object.keys(rest).length === 0 ? required : undefined
}
