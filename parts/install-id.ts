import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareDirectory } from '../adapters/postgres/data-directory.ts'
import type { Environment } from '../config/environment.ts'
import type { Random } from '../ports/clock.ts'
import type { FactStore } from '../ports/store.ts'

const FILE = 'install-id'
const FACT_KEY = 'install-id'
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

/**
 * The one id of all replicas on a database: that of whoever came first. It is kept with this replica's data too, where the commands on
 * pods look for it.
 */
export async function sharedInstallId(environment: Environment, own: string, facts: FactStore): Promise<string> {
  if (environment.DEVLOOP_DEPLOYMENT !== undefined || environment.DATABASE_URL === undefined) return own
  await facts.swap(FACT_KEY, undefined, own)
  const shared = String(await facts.get(FACT_KEY))
  if (!PATTERN.test(shared)) return own
  if (shared !== own) await writeFile(join(environment.DEVLOOP_DATA, FILE), `${shared}\n`)
  return shared
}
