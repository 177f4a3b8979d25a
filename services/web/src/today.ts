// This one, and not the core, lets components follow the signals that they read.
import { type ReadonlySignal, signal } from '@preact/signals'
import { dayOf, followPlace } from './conversation/days.ts'

const nowAndHere = (): string => `${followPlace()} ${dayOf(Date.now())}`
const day = signal(nowAndHere())
const look = (): void => {
  day.value = nowAndHere()
}
setInterval(look, 30_000)
// A page in the background may have slept, and travelled.
document.addEventListener('visibilitychange', look)
window.addEventListener('focus', look)
window.addEventListener('languagechange', look)

/**
 * The day that it is here, and where here is: whoever reads it is drawn anew when the next day begins, and when
 * the time zone or the language is another one.
 */
export const today: ReadonlySignal<string> = day
