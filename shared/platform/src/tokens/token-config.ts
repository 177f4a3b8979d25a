import { z } from 'zod'

/** No access token may live longer, whatever auth is set to: those that verify know nothing of its setting. */
export const longestTokenSeconds = 86_400

/** The settings of whoever signs or verifies access tokens: all services must have the same. */
export const tokenConfig = z.object({
  TOKEN_ISSUER: z
    .string()
    .min(1)
    .default('https://parley.local')
    .meta({ description: '`iss` of access tokens; every service must have the same' }),
  TOKEN_AUDIENCE: z
    .string()
    .min(1)
    .default('parley')
    .meta({ description: '`aud` of access tokens; every service must have the same' }),
})
