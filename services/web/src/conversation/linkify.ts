/** A piece of a message: text as it is, or an address to link to. */
export interface Piece {
  readonly text: string
  readonly href?: string
}

/** Web addresses that say so, and those that begin with `www.`; the scheme is never anything else. */
const address = /\b(?:https?:\/\/|www\.)[^\s<>"\p{Cc}\p{Bidi_Control}]+/giu

/** What ends a sentence, and not the address in it. */
const trailing = /[.,;:!?'"»”’…]+$/u

/**
 * Splits a text into plain pieces and links. The pieces put together are the text, unchanged; they are to be
 * shown as text nodes, so that nothing in them can become markup. A link goes to `http:` or `https:` only.
 */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  const addText = (until: number): void => {
    if (until > end) pieces.push({ text: text.slice(end, until) })
  }
  for (const match of text.matchAll(address)) {
    const found = withoutTail(match[0])
    const href = toHref(found)
    if (href === undefined) continue
    addText(match.index)
    pieces.push({ text: found, href })
    end = match.index + found.length
  }
  addText(text.length)
  return pieces
}

/** Without what follows the address in the sentence: punctuation, and brackets that were opened before it. */
function withoutTail(found: string): string {
  let rest = found
  for (;;) {
    const shorter = withoutUnmatchedBracket(rest.replace(trailing, ''))
    if (shorter === rest) return rest
    rest = shorter
  }
}

function withoutUnmatchedBracket(text: string): string {
  for (const [open, close] of ['()', '[]', '{}'] as const) {
    if (close !== undefined && text.endsWith(close) && count(text, close) > count(text, open ?? '')) {
      return text.slice(0, -1)
    }
  }
  return text
}

const count = (text: string, character: string): number => text.split(character).length - 1

function toHref(found: string): string | undefined {
  try {
    const url = new URL(/^www\./i.test(found) ? `https://${found}` : found)
    // A name and a password in front make an address look like another one.
    const isPlain = url.username === '' && url.password === '' && url.hostname.includes('.')
    const isLocal = url.hostname === 'localhost'
    return (isPlain || isLocal) && /^https?:$/.test(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}
