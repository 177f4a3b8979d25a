/**
 * Which data this is: a random id that was made with it. A restored backup gets another one, and so does the target of
 * a migration: clients that compare positions with it begin anew, because the same seq may now be another entry.
 */
export interface EpochStore {
  /** Asked once: it changes only while no chat runs on the data. */
  current(): Promise<string>
  /** Gives the data another one. Nothing may work on it. */
  renew(): Promise<string>
  /** Whether gateways were told of it. */
  isAnnounced(): Promise<boolean>
  markAnnounced(): Promise<void>
}
