import { readFileSync, writeFileSync } from 'node:fs'
import { settingsTable, withSettingsTable } from './settings-table.ts'

// Run from the root of the repository, as npm scripts are.
writeFileSync('README.md', withSettingsTable(readFileSync('README.md', 'utf8'), settingsTable()))
console.log('README.md has all settings')
