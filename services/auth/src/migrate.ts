import { runMigration } from '@parley/platform/mongo/run-migration.ts'
import { migrateAuth } from './migrations.mongo.ts'

await runMigration({ name: 'auth-migration', migrate: migrateAuth })
