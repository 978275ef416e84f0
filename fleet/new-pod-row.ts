import type { DemandRow, PodRow } from '../ports/store.ts'
import type { PricedCandidate } from './candidates.ts'
import { reservationOf } from './ledger.ts'
import { buildPodName } from './pod-name.ts'
import type { FleetPolicy } from './policy.ts'

const BLANK = {
  state: 'intent',
  providerId: null,
  attemptedAt: null,
  runningAt: null,
  readyAt: null,
  lastUseAt: null,
  drainAt: null,
  terminateAt: null,
  deletedAt: null,
  absentSince: null,
  ownEndAt: null,
  goneAt: null,
  endReason: null,
  modelDigest: null,
} as const

/** The row of a pod that is about to be asked for, under a name that was never used. */
export function newPodRow(
  { installId, parallel }: Pick<FleetPolicy, 'installId' | 'parallel'>,
  wish: {
    readonly ulid: string
    readonly now: number
    readonly lifetimeMs: number
    readonly slot: number
    readonly demand: DemandRow
    readonly priced: PricedCandidate
  },
): PodRow {
  const { now, lifetimeMs, demand, priced } = wish
  const deadlineAt = now + lifetimeMs
  return {
    ...BLANK,
    name: buildPodName({ installId, ulid: wish.ulid, deadlineAt }),
    slot: wish.slot,
    candidate: priced.candidate,
    model: demand.model,
    load: demand.load,
    parallel,
    microUsdPerHour: priced.microUsdPerHour,
    reservedMicroUsd: reservationOf(priced.microUsdPerHour, lifetimeMs),
    intentAt: now,
    deadlineAt,
  }
}
