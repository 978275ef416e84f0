import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareDirectory } from '../adapters/postgres/data-directory.ts'
import type { Environment } from '../config/environment.ts'
import type { Random } from '../ports/clock.ts'

const FILE = 'install-id'
const PATTERN = /^[0-9a-z]{8}$/

/**
 * The eight signs that stand in the name of every pod of this installation: `DEVLOOP_DEPLOYMENT`, or a random value kept with the data, so
 * that a later run finds what an earlier one left.
 */
export async function localInstallId(environment: Environment, random: Random): Promise<string> {
  if (environment.DEVLOOP_DEPLOYMENT !== undefined) return environment.DEVLOOP_DEPLOYMENT
  const path = join(environment.DEVLOOP_DATA, FILE)
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (PATTERN.test(kept.trim())) return kept.trim()
  const fresh = random.hex(4)
  await prepareDirectory(environment.DEVLOOP_DATA)
  // Two first runs at once: the first file wins, and both use it.
  await writeFile(path, `${fresh}\n`, { flag: 'wx' }).catch(() => {})
  return (await readFile(path, 'utf8')).trim()
}
