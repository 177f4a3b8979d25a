import { z } from 'zod'

/** A number of things, seconds or milliseconds: 32 bits hold it in every language. */
export const count = z.number().int().min(0).max(2_147_483_647)
