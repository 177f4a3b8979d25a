import { readFileSync, writeFileSync } from 'node:fs'
import { settingsTable, withSettingsTable } from './settings-table.ts'

// Run from the root of the repository, as npm scripts are.
const page = 'docs/settings.md'
writeFileSync(page, withSettingsTable(readFileSync(page, 'utf8'), settingsTable()))
console.log(`${page} has all settings`)
