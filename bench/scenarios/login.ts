import { compare, hash } from 'bcrypt'
import { password, registeredEmails } from '../systems/register-people.ts'
import { measureRequests, requestColumns } from './requests.ts'
import { durationOf, type Scenario } from './scenario.ts'

/** The standard setting of the services. */
const cost = 12
const people = 10
const standardRate = 3
const comparisons = 8

/** CPU of one comparison with bcrypt, in microseconds, and nothing else. */
async function bareComparison(): Promise<number> {
  const hashed = await hash(password, cost)
  const before = process.cpuUsage()
  for (let count = 0; count < comparisons; count += 1) await compare(password, hashed)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / comparisons
}

/**
 * Logins with the standard cost of password hashes (12), which is nearly all of it: so beside a bare comparison with
 * bcrypt in a process of its own. People are registered with the same cost.
 */
export const login: Scenario = {
  name: 'login',
  what: 'CPU and latency of a login, beside a bare comparison with bcrypt',
  modes: ['embedded', 'stack'],
  async measure(bench) {
    const rate = bench.options.rate ?? standardRate
    const seconds = durationOf(bench, { full: 10, short: 5 })
    const parley = await bench.openParley({ env: { BCRYPT_COST: String(cost) } })
    bench.say(`${people} people register`)
    await parley.createPeople(people)
    const requests = registeredEmails(people).map((email) => ({
      method: 'POST' as const,
      path: '/users/auth/login',
      body: { email, password },
    }))
    const measured = await measureRequests(bench, parley, [{ name: 'parley', requests }], {
      rate,
      seconds,
      warmUp: people,
    })
    const runs = []
    for (const record of measured) {
      const { noise, run } = record
      const figures = { cpu: await bareComparison() }
      runs.push(record, { subject: 'bcrypt', run, figures, noise, marks: [], faults: [] })
    }
    return {
      load: `${rate} logins/s, bcrypt cost ${cost}, ${seconds} s`,
      columns: requestColumns,
      runs,
      ratios: [
        {
          name: 'CPU: login ÷ bare comparison',
          over: { subject: 'parley', figure: 'cpu' },
          under: { subject: 'bcrypt', figure: 'cpu' },
        },
      ],
      notes: [],
    }
  },
}
