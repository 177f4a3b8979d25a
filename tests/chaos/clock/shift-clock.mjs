// Loaded into Parley's processes by the chaos suite (`--import`): what they take for the time is off by as many
// milliseconds as a file says. Timers are not, as on a machine whose clock is set.
import { readFileSync } from 'node:fs'

const file = '/tmp/clock-offset'
const lookMs = 100
const RightDate = globalThis.Date
const rightNow = RightDate.now
let offset = 0

function look() {
  try {
    offset = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    // Nobody has set the clock.
  }
}
look()
setInterval(look, lookMs).unref()

const now = () => rightNow() + offset
RightDate.now = now
globalThis.Date = new Proxy(RightDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  apply: () => new RightDate(now()).toString(),
})
