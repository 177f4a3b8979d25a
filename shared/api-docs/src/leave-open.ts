import { z } from 'zod'

/**
 * For zod's conversion to JSON Schema, of what we send: an object may gain fields later (zod would say that it
 * may not), so readers and generated clients must let them pass.
 */
export function leaveOpen({
  jsonSchema,
  zodSchema,
}: {
  jsonSchema: { additionalProperties?: unknown }
  zodSchema: unknown
}): void {
  if (zodSchema instanceof z.ZodObject) delete jsonSchema.additionalProperties
}
