import {
  contextOf,
  type GapContext,
  type IdleMemory,
  keepIdleMs,
  NO_IDLE_MEMORY,
  recordGap,
  recordTime,
} from '../../fleet/idle.ts'
import type { IdlePolicy } from '../../fleet/policy.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { exponential, type Trace } from './traces.ts'

const MINUTE = 60_000
export const BOOT_MS = 60_000
const MEAN_WORK_MS = MINUTE
const USD_PER_HOUR = 0.69
/** A hint says that the next job comes within this time. */
const SOON_MS = 5 * MINUTE
/** Of the jobs that do come soon, so many are hinted at. */
const RECALL = 0.8

/** How long a pod is kept after its work; told the gap only to the clairvoyant. */
export type Keep =
  | { readonly kind: 'policy'; readonly policy: IdlePolicy; readonly hintPrecision?: number }
  | { readonly kind: 'per-job' }
  | { readonly kind: 'clairvoyant' }

export interface Outcome {
  readonly usdPerJob: number
  readonly idleRatio: number
  readonly waitP50Seconds: number
  readonly waitP95Seconds: number
  /** Jobs that found a pod up. */
  readonly warmRatio: number
}

/** One pod, one job at a time, in the order of arrival. Virtual time: only the arithmetic of when what is paid for. */
export function simulate(trace: Trace, keep: Keep): Outcome {
  const works = workTimes(trace)
  const hints = hintsOf(trace, works, keep)
  const learns = keep.kind === 'policy' && keep.policy.kind === 'adaptive'
  const waits: number[] = []
  let memory: IdleMemory = NO_IDLE_MEMORY
  let busyMs = 0
  let idleMs = 0
  let warm = 0
  let freeAt = Number.NEGATIVE_INFINITY
  let context: GapContext = 'calm'
  trace.arrivals.forEach((arrivedAt, index) => {
    const workMs = works[index] ?? 0
    const gapMs = arrivedAt - freeAt
    const isFirst = freeAt === Number.NEGATIVE_INFINITY
    if (keep.kind === 'per-job') {
      waits.push(BOOT_MS)
      busyMs += BOOT_MS + workMs
      return
    }
    const keptMs = isFirst ? -1 : keptFor(keep, memory, context, gapMs)
    const isWarm = !isFirst && gapMs <= keptMs
    const idle = isFirst || gapMs <= 0 ? 0 : Math.max(0, Math.min(gapMs, keptMs))
    const paidMs = (isWarm ? 0 : BOOT_MS) + workMs
    if (learns) memory = learn(memory, { gapMs: isFirst ? 0 : gapMs, paidMs, idleMs: idle }, context)
    busyMs += paidMs
    idleMs += idle
    if (isWarm) warm += 1
    const startsAt = gapMs <= 0 ? freeAt : arrivedAt + (isWarm ? 0 : BOOT_MS)
    waits.push(startsAt - arrivedAt)
    freeAt = startsAt + workMs
    if (learns) context = contextOf(memory, hints[index] === true)
  })
  const sorted = waits.toSorted((a, b) => a - b)
  const at = (part: number) => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0) / 1000
  return {
    usdPerJob: ((busyMs + idleMs) * USD_PER_HOUR) / 3_600_000 / trace.arrivals.length,
    idleRatio: idleMs / (busyMs + idleMs),
    waitP50Seconds: at(0.5),
    waitP95Seconds: at(0.95),
    warmRatio: warm / trace.arrivals.length,
  }
}

function learn(
  memory: IdleMemory,
  { gapMs, paidMs, idleMs }: { readonly gapMs: number; readonly paidMs: number; readonly idleMs: number },
  context: GapContext,
): IdleMemory {
  return recordTime(gapMs > 0 ? recordGap(memory, gapMs, context) : memory, paidMs, idleMs)
}

function keptFor(
  keep: Exclude<Keep, { kind: 'per-job' }>,
  memory: IdleMemory,
  context: GapContext,
  gapMs: number,
): number {
  if (keep.kind === 'policy') return keepIdleMs(memory, keep.policy, context)
  // Keeping costs the gap, giving back costs a boot: whoever knows the gap takes the cheaper.
  return gapMs <= BOOT_MS ? gapMs : 0
}

/** The same jobs for every policy. */
function workTimes(trace: Trace): readonly number[] {
  const random = createSeededRandom(trace.arrivals.length)
  return trace.arrivals.map(() => 30_000 + exponential(random, MEAN_WORK_MS - 30_000))
}

/** After which jobs somebody hints at a next one: with the wished-for precision, as far as arrivals alone can tell. */
function hintsOf(trace: Trace, works: readonly number[], keep: Keep): readonly boolean[] {
  const precision = keep.kind === 'policy' ? keep.hintPrecision : undefined
  if (precision === undefined) return []
  const isSoon = trace.arrivals.map(
    (at, index) => (trace.arrivals[index + 1] ?? Number.POSITIVE_INFINITY) - at - (works[index] ?? 0) <= SOON_MS,
  )
  const soon = isSoon.filter((yes) => yes).length
  const falseRate = Math.min(1, (RECALL * soon * (1 - precision)) / (precision * Math.max(1, isSoon.length - soon)))
  const random = createSeededRandom(99)
  return isSoon.map((yes) => random.fraction() < (yes ? RECALL : falseRate))
}
