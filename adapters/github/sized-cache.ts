export interface SizedCache<T> {
  get(key: string): T | undefined
  /** `size` in whatever the limit is counted in; what is larger than all is not kept. */
  set(key: string, value: T, size: number): void
}

/** Keeps what was used last, bounded by number and by size. */
export function createSizedCache<T>(limits: { readonly entries: number; readonly size: number }): SizedCache<T> {
  const kept = new Map<string, { readonly value: T; readonly size: number }>()
  let total = 0

  const drop = (key: string) => {
    total -= kept.get(key)?.size ?? 0
    kept.delete(key)
  }
  return {
    get(key) {
      const found = kept.get(key)
      if (found === undefined) return undefined
      kept.delete(key)
      kept.set(key, found)
      return found.value
    },
    set(key, value, size) {
      drop(key)
      if (size > limits.size) return
      kept.set(key, { value, size })
      total += size
      for (const oldest of kept.keys()) {
        if (kept.size <= limits.entries && total <= limits.size) break
        drop(oldest)
      }
    },
  }
}
