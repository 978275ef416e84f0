import { z } from 'zod'
import { policySchema } from '../config/policy-schema.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { type Snapshot, snapshotSchema } from './snapshot.ts'

/** A snapshot as it was stored, with the policy it was judged under where that was stored too. */
export interface Recorded {
  readonly snapshot: Snapshot
  readonly config: ResolvedConfig | null
}

const { governance, review, access, report } = policySchema.shape
/** Money and GPUs decide nothing here, but the policy's hash covers them. */
const kept = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null)
const resolvedConfig = z.strictObject({
  source: z.enum(['file', 'absent']),
  governance,
  review,
  access,
  report,
  fleet: kept<ResolvedConfig['fleet']>(),
  budget: kept<ResolvedConfig['budget']>(),
})
const recorded = z.union([
  z.strictObject({ snapshot: snapshotSchema, policy: resolvedConfig }),
  snapshotSchema.transform((snapshot) => ({ snapshot, policy: null })),
])

/** Reads a snapshot, or `{snapshot, policy}`, from JSON that was written before. Throws what `JSON.parse` and zod throw. */
export function parseRecorded(text: string): Recorded {
  const { snapshot, policy } = recorded.parse(JSON.parse(text))
  return { snapshot, config: policy }
}
