import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NO_POSTGRES, startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { measureFirstOpen, measureQueue } from './measure.ts'

// `node bench/queue/main.ts pglite|postgres [jobs]`: the first opening is made by a process of its own, so that the memory of the second
// is its own too.
const [kind = 'pglite', jobs = '2000', url = '', directory = ''] = process.argv.slice(2)
const place = (dataDir: string, databaseUrl: string | undefined) => ({ dataDir, databaseUrl })

if (kind === 'first-open') console.log(await measureFirstOpen(place(directory, url === '' ? undefined : url)))
else {
  const server = kind === 'postgres' ? await startPostgres() : undefined
  const dataDir = await mkdtemp(join(tmpdir(), 'devloop-bench-'))
  try {
    if (server === null) console.log(NO_POSTGRES)
    else {
      const address = server?.url() ?? ''
      const first = [import.meta.filename, 'first-open', jobs, address, dataDir]
      const { stdout } = await promisify(execFile)(process.execPath, first)
      const measures = await measureQueue(place(dataDir, address === '' ? undefined : address), Number(jobs))
      console.log(JSON.stringify({ kind, jobs: Number(jobs), firstOpenMs: Number(stdout), ...measures }, null, 2))
    }
  } finally {
    await server?.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
