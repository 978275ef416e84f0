import { setTimeout as realSleep } from 'node:timers/promises'
import { createFakeClock, type FakeClock } from '../../ports/fakes/fake-clock.ts'
import { modelSettings } from '../../review/models.ts'
import type { BenchCase } from '../review/bench-case.ts'
import { type Change, reviewChange } from '../review/review-change.ts'
import { createTimedEngine } from './timed-engine.ts'

export const WAYS = ['all slots busy', 'one call at a time', 'file by file'] as const
export type Way = (typeof WAYS)[number]

export interface Orchestrated {
  readonly seconds: number
  readonly calls: number
  readonly promptTokens: number
  /** Share of the slots' time in use while the review ran. */
  readonly utilisation: number
  readonly findings: number
}

/** Real milliseconds. */
const REST_MS = 2
const MODEL = 'qwen3-coder:30b'

/** One review of these small changes as one pull request, in virtual time. */
export async function orchestrate(way: Way, cases: readonly BenchCase[]): Promise<Orchestrated> {
  const clock = createFakeClock()
  const slots = modelSettings(MODEL).parallel
  const timed = createTimedEngine(clock, slots)
  const startedAt = clock.now()
  let findings = 0
  const review = async (change: Change) => {
    const bench = { engine: timed.engine, model: MODEL, clock, ...(way === 'one call at a time' && { slots: 1 }) }
    const { result } = await reviewChange(change, bench)
    findings += result.ranking.inline.length + result.ranking.folded.length
  }
  const work = (async () => {
    for (const change of way === 'file by file' ? cases.map((one) => one.change) : [merged(cases)]) await review(change)
  })()
  await inVirtualTime(work, clock)
  const elapsedMs = clock.now() - startedAt
  return {
    seconds: elapsedMs / 1_000,
    calls: timed.calls,
    promptTokens: timed.promptTokens,
    utilisation: timed.busyMs / (elapsedMs * slots),
    findings,
  }
}

/** Wakes one sleeper after the other, once whatever the last one set going (files, parsers) has come to rest. */
async function inVirtualTime(work: Promise<void>, clock: FakeClock): Promise<void> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  work.then(over, over)
  while (!isOver) {
    await realSleep(REST_MS)
    let isWoken = false
    const once = () => {
      const isDone = isOver || isWoken
      isWoken = true
      return isDone
    }
    if (clock.sleeping > 0) await clock.runUntil(once)
  }
  await work
}

function merged(cases: readonly BenchCase[]): Change {
  return {
    diff: cases.map(({ change }) => change.diff).join(''),
    head: new Map(cases.flatMap(({ change }) => [...change.head])),
    title: 'Many things at once',
    description: '',
  }
}
