// This one, and not the core, lets components follow the signals that they read.
import { type ReadonlySignal, signal } from '@preact/signals'

/** The address of the conversation with a person. No secret is ever in an address. */
export const addressOf = (personId: string): string => `#/with/${personId}`
export const listAddress = '#/'

/** With whom the address opens a conversation; undefined: with nobody. */
export function personInAddress(hash: string): string | undefined {
  return /^#\/with\/([0-9a-f-]{36})$/i.exec(hash)?.[1]?.toLowerCase()
}

const personId = signal(personInAddress(window.location.hash))
window.addEventListener('hashchange', () => {
  personId.value = personInAddress(window.location.hash)
})

/** With whom the conversation is that is open. */
export const openPersonId: ReadonlySignal<string | undefined> = personId

/** Goes there at once: what is typed next belongs there, before the browser tells of the new address. */
export function goTo(address: string): void {
  window.location.hash = address
  personId.value = personInAddress(window.location.hash)
}
