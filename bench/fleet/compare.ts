import type { IdlePolicy } from '../../fleet/policy.ts'
import { type Keep, type Outcome, simulate } from './simulate.ts'
import type { Trace } from './traces.ts'

const MAX_MS = 600_000
const STEP_MS = 1_000
const TARGET = 0.1

const fixed = (maxMs: number): IdlePolicy => ({ kind: 'fixed', maxMs, spendTarget: TARGET })
const ADAPTIVE: IdlePolicy = { kind: 'adaptive', maxMs: MAX_MS, spendTarget: TARGET }

const POLICIES: readonly (readonly [name: string, keep: Keep])[] = [
  ['per-job', { kind: 'per-job' }],
  ['immediate', { kind: 'policy', policy: { ...ADAPTIVE, kind: 'immediate' } }],
  ['fixed 5 min', { kind: 'policy', policy: fixed(300_000) }],
  ['fixed 10 min', { kind: 'policy', policy: fixed(MAX_MS) }],
  ['adaptive', { kind: 'policy', policy: ADAPTIVE }],
  ['adaptive, hints 50 %', { kind: 'policy', policy: ADAPTIVE, hintPrecision: 0.5 }],
  ['adaptive, hints 80 %', { kind: 'policy', policy: ADAPTIVE, hintPrecision: 0.8 }],
  ['adaptive, hints 95 %', { kind: 'policy', policy: ADAPTIVE, hintPrecision: 0.95 }],
  ['clairvoyant', { kind: 'clairvoyant' }],
]

export interface Row extends Outcome {
  readonly policy: string
  /** Against the cheapest that anybody could do who knew the next arrival. */
  readonly timesClairvoyant: number
}

export interface Comparison {
  readonly trace: string
  readonly jobs: number
  readonly rows: readonly Row[]
  /** The fixed wait with the most warm hits that keeps idle spending within the target, chosen after the fact. */
  readonly bestFixed: Row & { readonly waitSeconds: number }
}

export function compare(trace: Trace): Comparison {
  const cheapest = simulate(trace, { kind: 'clairvoyant' }).usdPerJob
  const rowOf = (policy: string, keep: Keep): Row => {
    const outcome = simulate(trace, keep)
    return { policy, ...outcome, timesClairvoyant: outcome.usdPerJob / cheapest }
  }
  return {
    trace: trace.name,
    jobs: trace.arrivals.length,
    rows: POLICIES.map(([name, keep]) => rowOf(name, keep)),
    bestFixed: bestFixed(rowOf),
  }
}

function bestFixed(rowOf: (policy: string, keep: Keep) => Row): Comparison['bestFixed'] {
  const all = Array.from({ length: MAX_MS / STEP_MS + 1 }, (_, step) => {
    const waitMs = step * STEP_MS
    return { ...rowOf('best fixed', { kind: 'policy', policy: fixed(waitMs) }), waitSeconds: waitMs / 1000 }
  })
  const within = all.filter((row) => row.idleRatio <= TARGET)
  return within.reduce((best, row) => (row.warmRatio > best.warmRatio ? row : best))
}
