// This one, and not the core, lets components follow the signals that they read.
import { type ReadonlySignal, signal } from '@preact/signals'
import { dayOf } from './conversation/days.ts'

const day = signal(dayOf(Date.now()))
const look = (): void => {
  day.value = dayOf(Date.now())
}
setInterval(look, 30_000)
// A page in the background may have slept.
document.addEventListener('visibilitychange', look)

/** The day that it is here; whoever reads it is drawn anew when the next one begins. */
export const today: ReadonlySignal<string> = day
