import type { FleetPolicy } from '../../../fleet/policy.ts'
import type { Break } from './process-order.ts'
import type { VirtualFaults } from './virtual-faults.ts'

export interface VirtualOrder {
  readonly seed: number
  readonly replicas: number
  /** `naive`: the usual way instead of ours, to show that the harness can find leaks. */
  readonly fleet?: 'devloop' | 'naive'
  /** How long jobs keep coming and processes keep dying. */
  readonly minutes: number
  readonly faults?: Partial<VirtualFaults>
  readonly policy?: Partial<FleetPolicy>
  /** False: nothing dies or stands still. */
  readonly deaths?: boolean
  /** Sets the clock of the machine on which all processes run forward and back; the provider's goes on. */
  readonly clockJumps?: boolean
  /** Makes the fleet count money wrongly, to show that the harness finds it. */
  readonly break?: Break
  /** Kills whoever first reaches this checkpoint for the n-th time, and nobody else. */
  readonly crashAt?: { readonly name: string; readonly nth: number }
}

export interface VirtualResult {
  readonly kills: number
  readonly stops: number
  readonly clockJumps: number
  readonly creates: number
  readonly ambiguous: number
  readonly liveAtEnd: number
  readonly maxLive: number
  /** Seconds of pods that ran while no job was open. */
  readonly unneededSeconds: number
  readonly jobs: number
  readonly done: number
  readonly lost: number
  readonly twice: number
  /** What the ledger says at the end, bills included, and what it would say by the clock alone. */
  readonly ledgerUsd: number
  readonly clockUsd: number
  readonly billedUsd: number
  /** Pods that cost something and whose bill was never read. */
  readonly unbilled: number
  readonly foreignTouched: number
  /** Checkpoints in the order in which they were first reached. */
  readonly reached: readonly string[]
  readonly wasCrashed: boolean
}
