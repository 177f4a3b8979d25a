/** How many code points a message may have. The contract says so too, but would bring zod into the bundle. */
export const mostCharacters = 4_000

/** How many code points a text has, as the server counts. */
export function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
