import { MIGRATIONS, type Migration } from '../../../adapters/postgres/schema.ts'

/** Columns and an index more: what the rule for migrations allows. */
const EXPANDING = `
ALTER TABLE devloop.delivery ADD COLUMN origin text NOT NULL DEFAULT 'webhook';
ALTER TABLE devloop.job ADD COLUMN labels json;
CREATE INDEX job_labelled ON devloop.job (id) WHERE labels IS NOT NULL;
`
/** A column is called differently: what the rule forbids, and what nobody who runs can read. */
const RENAMING = 'ALTER TABLE devloop.delivery RENAME COLUMN payload TO body;'

export const NEXT_VERSION = MIGRATIONS.length + 1

/** The step that the fabricated next version brings. */
export function nextMigration(kind: string | undefined): Migration {
  switch (kind) {
    case 'expanding':
      return { version: NEXT_VERSION, readableBy: NEXT_VERSION - 1, sql: EXPANDING }
    case 'for itself alone':
      return { version: NEXT_VERSION, readableBy: NEXT_VERSION, sql: EXPANDING }
    case 'renaming':
      return { version: NEXT_VERSION, readableBy: NEXT_VERSION - 1, sql: RENAMING }
    default:
      throw new RangeError(`SCALE_OUT_NEXT=${kind} is no kind of migration`)
  }
}

export type NextKind = 'expanding' | 'for itself alone' | 'renaming'
