import type { MicroUsd } from '../ports/money.ts'
import type { GuardStatus, ProviderPod } from '../ports/pods.ts'

/** The newest list as it concerns one row. `startedAt`: only what happened before it can be proved by it. */
export type Sighting =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'absent'; readonly startedAt: number }
  | { readonly kind: 'present'; readonly startedAt: number; readonly pod: ProviderPod }

export type GuardView =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'silent'; readonly since: number }
  | { readonly kind: 'answered'; readonly status: GuardStatus }

/** Between what two moments a pod that is no more has ended, as far as this term has looked. */
export interface SignsOfLife {
  /** When it last proved to run and cost: its guard answered, or a list showed it so. */
  readonly aliveAt: number | null
  /** When its guard was first asked in vain after it had answered. */
  readonly silentAt: number | null
}

export interface Observation {
  readonly sighting: Sighting
  /** The provider's definite no to the create of this row. */
  readonly refusal: string | null
  readonly guard: GuardView
  readonly life: SignsOfLife
  /** Whether a DELETE of this pod was answered since it was last seen. */
  readonly isDeleteAnswered: boolean
  /** Calls that hold a slot of this pod. */
  readonly holds: number
  /** Since when nobody waits for this pod's model; null while somebody does. */
  readonly unwantedSince: number | null
  /** Until when the idle policy keeps an idle pod. */
  readonly keepUntil: number
  /** Whether another model is to take this pod's place. */
  readonly makeRoom: boolean
  /** An end asked for from outside, such as `stopped`; `force` does not wait for running calls. */
  readonly endRequest: { readonly reason: string; readonly force: boolean } | null
  readonly maxMicroUsdPerHour: MicroUsd
}
