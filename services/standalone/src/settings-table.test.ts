import { readFileSync } from 'node:fs'
import { settingsTable, withSettingsTable } from './settings-table.ts'

describe('the table of settings', () => {
  const rows = settingsTable().split('\n').slice(2)
  const rowsOf = (name: string) => rows.filter((row) => row.includes(`\`${name}\``))

  it('has a description of every setting', () => {
    expect(rows.length).toBeGreaterThan(30)
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([])
  })

  it('says who has a setting, and where its standard differs', () => {
    expect(rowsOf('BCRYPT_COST')).toEqual([expect.stringMatching(/\| `12` +\| embedded, auth +\|/)])
    expect(rowsOf('MONGO_URL')).toEqual([expect.stringMatching(/\| auth, chat +\|/)])
    expect(rowsOf('TRUSTED_PROXIES')).toEqual([
      expect.stringMatching(/\| `0` +\| embedded +\|/),
      expect.stringMatching(/\| `1` +\| auth, chat, realtime +\|/),
    ])
  })

  it('in docs/settings.md is up to date (npm run docs:settings)', () => {
    const page = readFileSync('docs/settings.md', 'utf8')
    expect(withSettingsTable(page, settingsTable())).toBe(page)
  })

  it('needs its place in the document', () => {
    expect(() => withSettingsTable('# No place', 'table')).toThrow('has no place')
  })
})
