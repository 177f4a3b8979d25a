import { readFileSync } from 'node:fs'
import { standaloneConfig } from './config.ts'
import { settingsTable, withSettingsTable } from './settings-table.ts'

describe('the table of settings', () => {
  it('has a description of every setting', () => {
    const rows = settingsTable(standaloneConfig).split('\n').slice(2)
    expect(rows).toHaveLength(Object.keys(standaloneConfig.shape).length)
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([])
  })

  it('in the README is up to date (npm run docs:settings)', () => {
    const readme = readFileSync('README.md', 'utf8')
    expect(withSettingsTable(readme, settingsTable(standaloneConfig))).toBe(readme)
  })

  it('needs its place in the document', () => {
    expect(() => withSettingsTable('# No place', 'table')).toThrow('has no place')
  })
})
