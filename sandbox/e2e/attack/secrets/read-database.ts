import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import type { Evidence } from './find-hits.ts'

/** Every row of every table of a stopped server's embedded database, queue included. */
export async function readDatabase(dataDir: string): Promise<readonly Evidence[]> {
  const pglite = await PGlite.create({ dataDir: join(dataDir, 'pg', 'pg') })
  try {
    const { rows: tables } = await pglite.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    )
    const evidence: Evidence[] = []
    for (const { name } of tables) {
      const { rows } = await pglite.query<{ row: string }>(`SELECT row_to_json(each)::text AS row FROM ${name} AS each`)
      evidence.push({ source: `table ${name}`, text: rows.map(({ row }) => withUnpacked(row)).join('\n') })
    }
    return evidence
  } finally {
    await pglite.close()
  }
}

/** How the bytes of a zstd frame begin, as PostgreSQL writes them in JSON. */
const PACKED = /\\\\x(28b52ffd[0-9a-f]*)/g

/** What is stored compressed must be looked into as well, wherever it lies. */
function withUnpacked(row: string): string {
  const texts = [...row.matchAll(PACKED)].map(([, hex = '']) => zstdDecompressSync(Buffer.from(hex, 'hex')).toString())
  return [row, ...texts].join('\n')
}

/** Every file below the data folder as bytes: the journal, and what the database has thrown away but not overwritten. */
export async function readFiles(dataDir: string): Promise<readonly Evidence[]> {
  const names = await readdir(dataDir, { recursive: true, withFileTypes: true })
  return Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return { source: `file ${path.slice(dataDir.length)}`, text: await readFile(path, 'latin1') }
      }),
  )
}
