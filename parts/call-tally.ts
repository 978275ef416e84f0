/** What was asked of a vendor since this process began; read by the metrics. */
export interface CallTally {
  count(call: { readonly route: string; readonly status: number; readonly remaining: number | null }): void
  list(): readonly { readonly route: string; readonly status: number; readonly calls: number }[]
  /** What the vendor last said is left of its limit; null before it said anything. */
  readonly remaining: number | null
}

/** Counts calls by route template and status, so that no name of a repository ends up in a label. */
export function createCallTally(): CallTally {
  const counts = new Map<string, { readonly route: string; readonly status: number; calls: number }>()
  let remaining: number | null = null
  return {
    count(call) {
      const { route, status } = call
      const key = `${status} ${route}`
      const known = counts.get(key) ?? { route, status, calls: 0 }
      known.calls += 1
      counts.set(key, known)
      remaining = call.remaining ?? remaining
    },
    list: () => [...counts.values()],
    get remaining() {
      return remaining
    },
  }
}
