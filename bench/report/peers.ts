import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What DevLoop is measured against, installed apart from the product. */
export const PEERS = join(import.meta.dirname, '../peers')
const LOCK = join(PEERS, 'package-lock.json')
const STAMP = join(PEERS, 'node_modules/.devloop-lockfile')
const INSTALL_MS = 240_000

export const PEERS_MISSING = 'the peers could not be installed (`npm ci` in `bench/peers`).'

/** Loads a peer; its types are said where it is used, since it is absent where nothing is measured. */
export const requirePeer = createRequire(join(PEERS, 'package.json'))

export function arePeersInstalled(): boolean {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === readFileSync(LOCK, 'utf8')
}

/** Installs exactly the lockfile, without scripts of strangers; false, with npm's own words on stderr, when that fails. */
export async function installPeers(): Promise<boolean> {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const child = spawn('npm', args, { cwd: PEERS, stdio: ['ignore', 2, 2], timeout: INSTALL_MS })
  const code = await once(child, 'exit').then(
    ([status]: unknown[]) => status,
    () => null,
  )
  if (code !== 0) return false
  writeFileSync(STAMP, readFileSync(LOCK, 'utf8'))
  return true
}
