import { z } from 'zod'
import type { FactStore } from '../ports/store.ts'

const KEY = 'fleet/swept'
const stored = z.object({ count: z.number(), pod: z.string() })

/** Counts a pod that the sweep ended, for the metrics and for whoever is told of leaks. */
export async function countSweep(facts: FactStore, pod: string, at: number): Promise<void> {
  const known = stored.safeParse(await facts.get(KEY))
  // A pod stands in lists for a while after it was told to end.
  if (known.data?.pod === pod) return
  await facts.set(KEY, { count: (known.data?.count ?? 0) + 1, pod, at })
}
