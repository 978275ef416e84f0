import { costOf, type MicroUsd } from '../ports/money.ts'
import type { PodName } from '../ports/ids.ts'
import type { FleetParts } from './parts.ts'

/** Longer than the longest cap looks back. */
const LOOK_BACK_MS = 62 * 86_400_000

/**
 * Writes into the ledger what the journal knows and the store has lost, as after a torn database. Pods the store still has a row of are
 * left alone; a pod whose end the journal does not know is charged until now or its deadline. Answers how many pods were written.
 */
export async function rebuildLedger(
  parts: Pick<FleetParts, 'store' | 'journal' | 'clock'>,
  fence: number,
): Promise<number> {
  const { store, journal, clock } = parts
  const now = clock.now()
  const lines = (await journal.readAll()).filter((line) => line.at >= now - LOOK_BACK_MS)
  if (lines.length === 0) return 0
  const known = new Set((await store.pods.listSince(now - LOOK_BACK_MS)).map((row) => row.name))
  const lost = new Map<PodName, { readonly microUsd: MicroUsd; readonly at: number }>()
  for (const line of lines) {
    if (known.has(line.podName)) continue
    const entry =
      line.kind === 'settle'
        ? { microUsd: line.microUsd, at: line.at }
        : { microUsd: costOf(line.microUsdPerHour, Math.min(now, line.deadlineAt) - line.at), at: line.at }
    lost.set(line.podName, entry)
  }
  for (const [podName, entry] of lost) await store.ledger.write({ podName, kind: 'settle', ...entry }, fence)
  return lost.size
}
