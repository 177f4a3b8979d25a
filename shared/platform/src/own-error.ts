/**
 * An error whose message is our own words, and so may be logged and shown to operators. It must hold no secret, and
 * nothing that people wrote: what another library said belongs into the `cause`.
 */
export class OwnError extends Error {}
