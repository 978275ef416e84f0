import { z } from 'zod'
import type { Clock } from '../ports/clock.ts'
import type { LoadOptions } from '../ports/model.ts'
import { microUsd } from '../ports/money.ts'
import type { FactStore, Store } from '../ports/store.ts'

const STOP_KEY = 'fleet/stop'
const HINT_PREFIX = 'fleet/hint/'
const START_PREFIX = 'start:'

const stopRequest = z.object({ at: z.number(), force: z.boolean(), reason: z.string(), paused: z.boolean() })
/** An end asked for by a person. Pods wished for before `at` end; while `paused`, none are rented. */
export type StopRequest = z.infer<typeof stopRequest>

type RequestParts = { readonly store: Pick<Store, 'facts' | 'demands' | 'notify'>; readonly clock: Clock }

/**
 * Asks whichever process drives the pods to drain them; with `force`, to end them at once and rent none until the next start. A start that
 * was asked for before is over: else the next pod would be rented for it.
 */
export async function requestStop(
  { store, clock }: RequestParts,
  { force, reason }: { readonly force: boolean; readonly reason: string },
): Promise<void> {
  for (const { jobId } of (await store.demands.list()).filter(isStartDemand)) await store.demands.remove(jobId)
  const request: StopRequest = { at: clock.now(), force, reason, paused: force }
  await store.facts.set(STOP_KEY, request)
  await store.notify('pods')
}

/** Rents a pod for a model ahead of any job, and keeps it for `keepMs` if no job comes. */
export async function requestStart(
  { store, clock }: RequestParts,
  wanted: { readonly model: string; readonly load: LoadOptions; readonly keepMs: number },
): Promise<void> {
  await store.facts.delete(STOP_KEY)
  const now = clock.now()
  await store.demands.put({
    jobId: `${START_PREFIX}${wanted.model}`,
    repository: null,
    user: null,
    model: wanted.model,
    load: wanted.load,
    slotsWanted: 1,
    createdAt: now,
    expiresAt: now + wanted.keepMs,
    maxCostMicroUsd: microUsd(Number.MAX_SAFE_INTEGER),
    note: null,
    refused: null,
  })
  await store.notify('demand')
}

/** A wish for a pod that no job stands behind: it keeps one, but takes no slot. */
export function isStartDemand(demand: { readonly jobId: string }): boolean {
  return demand.jobId.startsWith(START_PREFIX)
}

export async function findStopRequest(facts: FactStore): Promise<StopRequest | undefined> {
  const parsed = stopRequest.safeParse(await facts.get(STOP_KEY))
  return parsed.success ? parsed.data : undefined
}

/** A sign that a job is likely soon: a review just posted, a push to a reviewed pull request, checks about to finish. */
export interface DemandHint {
  readonly kind: string
  /** What it is about, e.g. `owner/name#7`; a newer hint on the same replaces it. */
  readonly subject: string
  readonly until: number
}

export async function giveHint({ store }: RequestParts, hint: DemandHint): Promise<void> {
  await store.facts.set(`${HINT_PREFIX}${hint.kind}:${hint.subject}`, { until: hint.until })
  await store.notify('pods')
}

const storedHint = z.object({ until: z.number() })

/** Whether any hint holds now; hints that are over are dropped. */
export async function hasHint(facts: FactStore, now: number): Promise<boolean> {
  let holds = false
  for (const [key, value] of await facts.listByPrefix(HINT_PREFIX)) {
    const hint = storedHint.safeParse(value)
    if (hint.success && hint.data.until > now) holds = true
    else await facts.delete(key)
  }
  return holds
}
