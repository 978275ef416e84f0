import type { PodName } from '../ports/ids.ts'
import { costOf } from '../ports/money.ts'
import type { JournalLine, LedgerEntry } from '../ports/store.ts'
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
  const settled = new Map<PodName, LedgerEntry>()
  const billed = new Map<PodName, LedgerEntry>()
  for (const line of lines) {
    if (known.has(line.podName)) continue
    const entries = line.kind === 'bill' ? billed : settled
    entries.set(line.podName, entryOf(line, now))
  }
  for (const entry of [...settled.values(), ...billed.values()]) await store.ledger.write(entry, fence)
  return settled.size
}

function entryOf(line: JournalLine, now: number): LedgerEntry {
  const { podName, at } = line
  switch (line.kind) {
    case 'create':
      return {
        podName,
        kind: 'settle',
        microUsd: costOf(line.microUsdPerHour, Math.min(now, line.deadlineAt) - at),
        at,
      }
    case 'settle':
    case 'bill':
      return { podName, kind: line.kind, microUsd: line.microUsd, at }
  }
}
