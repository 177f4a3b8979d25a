// What a message carries in its text, so that whoever gets it knows which one it is.

const words = 'A message of ordinary length, as people write them all day.'

/** @param run tells messages of different runs apart, so that one that comes late does not count for the next */
export const stampedText = (run: number, index: number): string => `~${run}.${index}~ ${words}`

/** Finds the stamp without parsing the frame around it. */
export function readStamp(frame: string): { run: number; index: number } | undefined {
  const from = frame.indexOf('"~')
  if (from === -1) return undefined
  const dot = frame.indexOf('.', from)
  const to = frame.indexOf('~', dot)
  if (dot === -1 || to === -1) return undefined
  return { run: Number(frame.slice(from + 2, dot)), index: Number(frame.slice(dot + 1, to)) }
}
