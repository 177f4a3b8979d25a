import { z } from 'zod'
import { formatIntegers } from './format-integers.ts'
import { leaveOpen } from './leave-open.ts'
import { writeOutChoices } from './write-out-choices.ts'

export type JsonSchema = z.core.JSONSchema.JSONSchema

export interface SchemaCollection {
  /** Takes a schema in and returns what to write in its place: a reference when it has `.meta({ id })`. */
  readonly add: (schema: z.ZodType, io: 'input' | 'output') => JsonSchema
  /** The schemas with an id that were taken in, directly or within others. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

/**
 * Collects the component schemas of an AsyncAPI document (JSON Schema draft 7).
 * `input` is what we accept, `output` what we send: that may gain fields, so readers must let them pass.
 */
export function createSchemaCollection(): SchemaCollection {
  const schemas: Record<string, JsonSchema> = {}
  const directions = new Map<string, 'input' | 'output'>()

  return {
    schemas,
    add(schema, io) {
      const converted = convert(schema, io)
      for (const [id, definition] of Object.entries(converted.definitions)) {
        if ((directions.get(id) ?? io) !== io) throw new Error(`${id} is both sent and accepted`)
        directions.set(id, io)
        schemas[id] = definition
      }
      return converted.schema
    },
  }
}

interface Converted {
  readonly schema: JsonSchema
  readonly definitions: Readonly<Record<string, JsonSchema>>
}

/** Inside another object a schema with an id becomes a definition, so all of them are found in one place. */
function convert(schema: z.ZodType, io: 'input' | 'output'): Converted {
  const { properties, definitions = {} } = z.toJSONSchema(z.object({ schema }), {
    io,
    target: 'draft-7',
    override(context) {
      formatIntegers(context)
      writeOutChoices(context)
      if (io === 'output') leaveOpen(context)
      // AsyncAPI names the field only; each branch has its value as a constant.
      if (context.zodSchema instanceof z.ZodDiscriminatedUnion)
        Object.assign(context.jsonSchema, { discriminator: context.zodSchema.def.discriminator })
    },
  })
  const text = JSON.stringify({ schema: properties?.['schema'], definitions })
  return JSON.parse(text.replaceAll('#/definitions/', '#/components/schemas/')) as Converted
}
