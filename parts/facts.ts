import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import type { FactStore } from '../ports/store.ts'

/** Facts that end with the process. */
export function openFacts(): FactStore {
  return createMemoryStore({ clock: systemClock }).facts
}
