import { z } from 'zod'

/** A setting that is a whole number within bounds, with what it is without one and what it does. */
export const wholeNumber = (
  { least, most, standard }: { least: number; most: number; standard: number },
  description: string,
) =>
  z.coerce
    .number()
    .int()
    .min(least)
    .max(most)
    .default(standard)
    .meta({ description: `${description} (${least} to ${most})` })
