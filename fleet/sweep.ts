import type { ProviderPod } from '../ports/pods.ts'
import type { PodRow, PodState } from '../ports/store.ts'
import { parsePodName } from './pod-name.ts'

/** Provider id → when a pod that should not be was first seen. Kept between lists. */
export type SweepMemory = ReadonlyMap<string, number>

export interface SweepInput {
  readonly pods: readonly ProviderPod[]
  readonly listedAt: number
  /** Rows by name, the ended ones included. */
  readonly rows: ReadonlyMap<string, Pick<PodRow, 'state' | 'providerId'>>
  readonly memory: SweepMemory
  readonly installId: string
  readonly now: number
  readonly sightingMs: number
}

export interface SweepResult {
  /** Seen twice, far enough apart: to be deleted. */
  readonly reap: readonly ProviderPod[]
  readonly memory: SweepMemory
}

const ENDED: ReadonlySet<PodState> = new Set(['gone', 'rejected'])

/** Which pods of ours nobody holds. One list is never enough: a row may be about to be written, or the list be stale. */
export function sweep(input: SweepInput): SweepResult {
  const memory = new Map<string, number>()
  const reap: ProviderPod[] = []
  for (const pod of input.pods) {
    if (!isStray(pod, input)) continue
    const firstSeenAt = input.memory.get(pod.id) ?? input.listedAt
    memory.set(pod.id, firstSeenAt)
    if (input.listedAt - firstSeenAt >= input.sightingMs) reap.push(pod)
  }
  return { reap, memory }
}

function isStray(pod: ProviderPod, { rows, installId, now }: SweepInput): boolean {
  const name = parsePodName(pod.name)
  if (name === undefined || name.installId !== installId || pod.status === 'TERMINATED') return false
  if (now >= name.deadlineAt) return true
  const row = rows.get(pod.name)
  if (row === undefined || ENDED.has(row.state)) return true
  // Names are not unique: a second pod of one name is nobody's.
  return row.providerId !== null && row.providerId !== pod.id
}
