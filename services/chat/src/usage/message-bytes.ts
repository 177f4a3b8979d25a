/** What a message takes on the disk besides its text: ids, times, and its places in three indexes. */
export const bytesBesidesText = 500

/** What a message costs of what its sender may store. */
export const messageBytes = (text: string): number => bytesBesidesText + Buffer.byteLength(text)
