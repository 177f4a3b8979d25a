/** What `isComposing` left in `keyCode` before there was such a flag: a key that the input method takes. */
const takenKeyCode = 229

/**
 * Whether a key belongs to an input method, which composes a letter. Safari tells the Enter that ends a
 * composition after its end, without `isComposing`.
 */
export const isForComposition = ({
  isComposing,
  keyCode,
}: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean => isComposing || keyCode === takenKeyCode
