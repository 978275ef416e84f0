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
}

/** Keeps the most recently used replies, bounded by number and by size. */
export function createEtagCache(limits: { readonly entries?: number; readonly chars?: number } = {}): EtagCache {
  const maxEntries = limits.entries ?? 2000
  const maxChars = limits.chars ?? 32_000_000
  const replies = new Map<string, CachedReply>()
  let chars = 0

  const drop = (key: string) => {
    chars -= replies.get(key)?.size ?? 0
    replies.delete(key)
  }
  return {
    immutable: new Map(),
    get(key) {
      const reply = replies.get(key)
      if (reply === undefined) return undefined
      replies.delete(key)
      replies.set(key, reply)
      return reply
    },
    set(key, reply) {
      drop(key)
      if (reply.size > maxChars) return
      replies.set(key, reply)
      chars += reply.size
      for (const oldest of replies.keys()) {
        if (replies.size <= maxEntries && chars <= maxChars) break
        drop(oldest)
      }
    },
  }
}
