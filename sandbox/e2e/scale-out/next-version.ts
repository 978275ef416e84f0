import { MIGRATIONS } from '../../../adapters/postgres/schema.ts'
import { nextMigration } from './next-migration.ts'

// Loaded before `devloop serve`: makes it the version after this one, with one more step of the schema.
Object.assign(MIGRATIONS, { [MIGRATIONS.length]: nextMigration(process.env.SCALE_OUT_NEXT) })
