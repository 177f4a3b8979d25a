interface Schema {
  type?: unknown
  format?: unknown
  maximum?: unknown
}

/** Languages with several sizes of integers want to know which one to take: 32 bits where the maximum fits them. */
export function formatIntegers({ jsonSchema }: { jsonSchema: Schema }): void {
  if (jsonSchema.type !== 'integer') return
  jsonSchema.format = Number(jsonSchema.maximum) < 2 ** 31 ? 'int32' : 'int64'
}
