import { meets, ratiosOf, type RunRecord } from './result.ts'

const run = (subject: string, number: number, cpu: number): RunRecord => ({
  subject,
  run: number,
  figures: { cpu },
  noise: { calibration: [1, 1], foreignCores: 0 },
  marks: [],
  faults: [],
})
const ratio = {
  name: 'cost',
  over: { subject: 'parley', figure: 'cpu' },
  under: { subject: 'baseline', figure: 'cpu' },
}

it('compares runs that were made together, and leaves out those without a partner', () => {
  const runs = [run('parley', 1, 200), run('baseline', 1, 100), run('parley', 2, 90), run('baseline', 2, 30)]
  expect(ratiosOf(ratio, [...runs, run('parley', 3, 1)])).toEqual([2, 3])
})

it('knows targets from above and from below', () => {
  expect([meets({ atMost: 1.3 }, 1.3), meets({ atMost: 1.3 }, 1.31)]).toEqual([true, false])
  expect([meets({ atLeast: 0.7 }, 0.7), meets({ atLeast: 0.7 }, 0.69)]).toEqual([true, false])
})
