import { runMigration } from '@parley/platform/mongo/run-migration.ts'
import { migrateChat } from './migrations.mongo.ts'

await runMigration({ name: 'chat-migration', migrate: migrateChat })
