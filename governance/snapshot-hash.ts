import { canonicalJson, sha256 } from './canonical-json.ts'
import type { Snapshot } from './snapshot.ts'

/** The snapshot as bytes: keys sorted. Stored and evaluated again it gives the same verdict. */
export function serializeSnapshot(snapshot: Snapshot): string {
  return canonicalJson(snapshot)
}

/** A hash of the facts: their order and repetitions do not count, because GitHub promises neither order nor single delivery. */
export function snapshotHash(snapshot: Snapshot): string {
  return sha256(canonicalFacts(snapshot))
}

function canonicalFacts(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(canonicalFacts))].sort().join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalFacts(member)}`)
    .sort()
    .join()}}`
}
