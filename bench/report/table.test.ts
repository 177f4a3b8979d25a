import type { RunRecord } from './result.ts'
import { resultText, tableOf } from './table.ts'

const run = (subject: string, number: number, cpu: number, faults: readonly string[] = []): RunRecord => ({
  subject,
  run: number,
  figures: { cpu },
  noise: { calibration: [1, 1], foreignCores: 0 },
  marks: [],
  faults,
})

it('aligns cells', () => {
  expect(tableOf(['a', 'bb'], [['ccc', '1']])).toBe('| a   | bb |\n|-----|----|\n| ccc |  1 |')
})

it('says the median with the least and the most, the ratio run by run, and what went wrong', () => {
  const text = resultText({
    scenario: 'send-http',
    mode: 'embedded',
    load: '10/s',
    columns: [{ figure: 'cpu', title: 'CPU', digits: 0 }],
    runs: [
      run('parley', 1, 200),
      run('baseline', 1, 100),
      run('parley', 2, 300, ['3 are missing']),
      run('baseline', 2, 300),
    ],
    ratios: [
      {
        name: 'cost',
        over: { subject: 'parley', figure: 'cpu' },
        under: { subject: 'baseline', figure: 'cpu' },
        target: { atMost: 1.3 },
      },
    ],
    notes: ['a note'],
  })
  expect(text).toContain('| parley   | 250 (200–300) |    2 |')
  expect(text).toMatch(/\| cost +\| +1\.50 \(1\.00–2\.00\) \| +≤ 1\.3 \| missed \|/)
  expect(text).toContain('- a note')
  expect(text).toContain('- ERROR in run 2 of parley: 3 are missing')
})
