/** How many bytes each user has stored, as a number that is kept: to count them anew is to read all messages. */
export interface UsageStore {
  /** 0 for somebody of whom nothing is known. */
  bytesOf(userId: string): Promise<number>
  /** Adds so many bytes to what each of these users has. When it rejects, nobody knows of whom it was done. */
  add(bytes: ReadonlyMap<string, number>): Promise<void>
}
