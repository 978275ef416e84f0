import { createHash } from 'node:crypto'
import type { Clock, Random } from '../../ports/clock.ts'
import type { MicroUsd } from '../../ports/money.ts'
import type { ApiKeyRow, KeyScope, KeyStore } from '../../ports/store.ts'

const PREFIX = 'dlk_'
const TOUCH_EVERY_MS = 60_000
const CACHE_MS = 5_000

export interface KeyWish {
  readonly name: string
  readonly scopes: readonly KeyScope[]
  /** Tags that the key may ask for; null: all. */
  readonly models: readonly string[] | null
  readonly monthlyMicroUsd: MicroUsd | null
}

/** Makes a key. The clear text exists only in this answer: the store keeps its SHA-256. */
export async function createKey(
  wish: KeyWish,
  world: { readonly keys: KeyStore; readonly clock: Clock; readonly random: Random },
): Promise<{ readonly row: ApiKeyRow; readonly key: string }> {
  const key = `${PREFIX}${world.random.hex(32)}`
  const row: ApiKeyRow = {
    id: `key_${world.random.hex(6)}`,
    ...wish,
    hash: hashKey(key),
    createdAt: world.clock.now(),
    lastUsedAt: null,
    revokedAt: null,
  }
  await world.keys.add(row)
  return { row, key }
}

export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** Looks keys up by hash: no comparison of secrets, so none whose timing could be measured. Remembers an answer for some seconds. */
export function createKeyring(world: { readonly keys: KeyStore; readonly clock: Clock }) {
  const cache = new Map<string, { readonly row: ApiKeyRow; readonly until: number }>()
  return async function findKey(key: string): Promise<ApiKeyRow | undefined> {
    if (!key.startsWith(PREFIX) || key.length > 200) return undefined
    const hash = hashKey(key)
    const now = world.clock.now()
    const cached = cache.get(hash)
    if (cached && cached.until > now) return cached.row
    const row = await world.keys.findByHash(hash)
    if (!row || row.revokedAt !== null) {
      cache.delete(hash)
      return undefined
    }
    if (cache.size > 1_000) cache.clear()
    cache.set(hash, { row, until: now + CACHE_MS })
    if (row.lastUsedAt === null || now - row.lastUsedAt > TOUCH_EVERY_MS) await world.keys.touch(row.id, now)
    return row
  }
}
