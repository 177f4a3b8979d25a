import { readFileSync, writeFileSync } from 'node:fs'
import { standaloneConfig } from './config.ts'
import { settingsTable, withSettingsTable } from './settings-table.ts'

// Run from the root of the repository, as npm scripts are.
writeFileSync(
  'README.md',
  withSettingsTable(readFileSync('README.md', 'utf8'), settingsTable(standaloneConfig)),
)
console.log('README.md has all settings')
