import { z } from 'zod'

/**
 * The id of something that the server made. Ids are UUIDs, which may be written in any case (RFC 9562) and are kept,
 * compared and answered in lower case: this is where they become so. (A `clientId` is no such id; it is its client's.)
 */
export const id = z.uuid().toLowerCase()
