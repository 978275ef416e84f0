import { execFile } from 'node:child_process'
import { constants, cpSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Log } from '../../ports/log.ts'
import { exists } from './data-directory.ts'

const INITIALISE_WITHIN_MS = 120_000

/**
 * Lays down the files of an empty database. Making them takes seconds and 500 MB that a WebAssembly memory never gives back, so it is
 * done once per installation, in a process of its own, and copied from then on. Where that is not possible PGlite makes them itself.
 */
export async function layDownCluster(files: string, log: Log): Promise<void> {
  if (await exists(files)) return
  try {
    const unfinished = await mkdtemp(`${files}.new-`)
    try {
      // A thousand small files: the synchronous copy runs outside of JavaScript and takes less than half of the time.
      cpSync(await templateCluster(), unfinished, { recursive: true, mode: constants.COPYFILE_FICLONE })
      await rename(unfinished, files)
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
  } catch (error) {
    log.debug({ error }, 'The prepared database files could not be used; they are made anew.')
  }
}

/** `node_modules/.cache/devloop/pglite-<version>`, made when it is missing; whoever finishes first wins. */
async function templateCluster(): Promise<string> {
  const entry = import.meta.resolve('@electric-sql/pglite')
  const home = dirname(dirname(fileURLToPath(entry)))
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string }
  const cache = join(dirname(dirname(home)), '.cache', 'devloop')
  const template = join(cache, `pglite-${version}`)
  if (await exists(template)) return template
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(join(cache, 'new-'))
  try {
    const made = join(unfinished, 'cluster')
    const program = `const { PGlite } = await import(${JSON.stringify(entry)})
      await (await PGlite.create(${JSON.stringify(made)})).close()`
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: INITIALISE_WITHIN_MS,
    })
    await rename(made, template).catch(async (error: unknown) => {
      if (!(await exists(template))) throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return template
}
