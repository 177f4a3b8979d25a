/** Whether a text is one to three emoji and nothing else, which are shown large. */
export const isOnlyEmoji = (text: string): boolean =>
  text.length < 64 && /^(?:\s*\p{RGI_Emoji}){1,3}\s*$/v.test(text)
