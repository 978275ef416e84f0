import { createSizedCache, type SizedCache } from './sized-cache.ts'

/** A reply that GitHub may confirm with a 304, which costs nothing of the rate limit. */
export interface CachedReply {
  readonly etag: string
  readonly body: unknown
  readonly link: string | undefined
  /** Roughly, in characters. */
  readonly size: number
}

export interface EtagCache {
  get(key: string): CachedReply | undefined
  set(key: string, reply: CachedReply): void
  /** Facts of immutable things (a file at a commit) that need no asking at all. */
  readonly immutable: Map<string, { readonly value: unknown; readonly expiresAt: number }>
  /** Large ones (a whole tree), by characters. */
  readonly large: SizedCache<unknown>
}

const MAX_LARGE_CHARS = 16_000_000

/** Keeps the most recently used replies, bounded by number and by size. */
export function createEtagCache(limits: { readonly entries?: number; readonly chars?: number } = {}): EtagCache {
  const replies = createSizedCache<CachedReply>({ entries: limits.entries ?? 2000, size: limits.chars ?? 32_000_000 })
  return {
    immutable: new Map(),
    large: createSizedCache({ entries: 200, size: MAX_LARGE_CHARS }),
    get: (key) => replies.get(key),
    set: (key, reply) => replies.set(key, reply, reply.size),
  }
}
