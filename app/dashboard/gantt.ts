import { z } from 'zod'
import type { JobEvent, JobRow, PodRow } from '../../ports/store.ts'

export const LANES = ['wait', 'rent', 'boot', 'warm', 'model', 'post'] as const
export type Lane = (typeof LANES)[number]

/** A stretch of time in a job's life. */
export interface Span {
  readonly lane: Lane
  readonly from: number
  readonly to: number
  readonly label: string
}

const PHASE_LANE: Readonly<Record<string, Lane>> = {
  queued: 'wait',
  'no-capacity': 'wait',
  draining: 'wait',
  renting: 'rent',
  booting: 'boot',
  pulling: 'warm',
  loading: 'warm',
}

const callFacts = z.object({ startedAt: z.number().optional(), inferMs: z.number().optional() }).catch({})

/** What a job did when, from its row, its timeline and the pod it ran on; in the order of the lanes. */
export function ganttSpans(job: JobRow, events: readonly JobEvent[], pod: PodRow | undefined, now: number): Span[] {
  const end = job.endedAt ?? now
  const waits = queueWait(job, end)
  const phases = phaseSpans(events, end)
  const calls = events.flatMap(callSpan)
  const lastCall = calls.reduce((latest, call) => Math.max(latest, call.to), Number.NEGATIVE_INFINITY)
  const hasPost = calls.length > 0 && job.endedAt !== null && lastCall < job.endedAt
  const post: Span[] = hasPost ? [{ lane: 'post', from: lastCall, to: end, label: 'Post' }] : []
  const spans = [...waits, ...(phases.length > 0 ? phases : podSpans(pod, job, end)), ...calls, ...post]
  return spans
    .filter((span) => span.to > span.from)
    .sort((a, b) => LANES.indexOf(a.lane) - LANES.indexOf(b.lane) || a.from - b.from)
}

function queueWait(job: JobRow, end: number): Span[] {
  return [{ lane: 'wait', from: job.createdAt, to: job.startedAt ?? end, label: 'In the queue' }]
}

/** The wait for a pod tells its phases; each lasts until the next event that is no model call. */
function phaseSpans(events: readonly JobEvent[], end: number): Span[] {
  const marks = events.filter((event) => event.kind !== 'model-call')
  return marks.flatMap((event, index) => {
    const phase = event.kind === 'pod' ? event.text.split(':', 1)[0] : event.kind
    const lane = phase === undefined ? undefined : PHASE_LANE[phase]
    if (lane === undefined) return []
    return { lane, from: event.at, to: marks[index + 1]?.at ?? end, label: event.text }
  })
}

function podSpans(pod: PodRow | undefined, job: JobRow, end: number): Span[] {
  if (pod === undefined) return []
  const within = (from: number | null, to: number | null, lane: Lane, label: string): Span[] =>
    from === null ? [] : [{ lane, from: Math.max(job.createdAt, from), to: Math.min(end, to ?? end), label }]
  return [
    ...within(pod.attemptedAt, pod.runningAt, 'rent', 'Rent'),
    ...within(pod.runningAt, pod.readyAt, 'boot', 'Boot and load'),
  ]
}

function callSpan(event: JobEvent): Span[] {
  if (event.kind !== 'model-call') return []
  const { startedAt, inferMs } = callFacts.parse(event.facts)
  const from = startedAt ?? (inferMs === undefined ? undefined : event.at - inferMs)
  return from === undefined ? [] : [{ lane: 'model', from, to: event.at, label: event.text }]
}
