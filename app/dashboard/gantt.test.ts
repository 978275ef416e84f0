import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleJob, samplePod } from '../../ports/contracts/samples.ts'
import { microUsd } from '../../ports/money.ts'
import type { JobEvent, JobRow } from '../../ports/store.ts'
import { ganttSpans } from './gantt.ts'

const job: JobRow = {
  ...sampleJob(1, { createdAt: 0 }),
  state: 'done',
  fence: 1,
  infrastructureRetries: 0,
  cancelRequested: false,
  startedAt: 10,
  endedAt: 100,
  outcome: 'posted',
  error: null,
  result: null,
  costMicroUsd: microUsd(1),
}
const event = (at: number, kind: string, text = '', facts: JobEvent['facts'] = null): JobEvent => ({
  at,
  kind,
  text,
  facts,
})
const brief = (events: readonly JobEvent[], over: Partial<JobRow> = {}) =>
  ganttSpans({ ...job, ...over }, events, undefined, 150).map(({ lane, from, to }) => `${lane} ${from}-${to}`)

describe('where the time of a job went', () => {
  test('phases of the wait last until the next one, calls as long as they took, and the rest is posting', () => {
    expect(
      brief([
        event(12, 'pod', 'queued: waiting'),
        event(15, 'pod', 'renting: a 4090'),
        event(30, 'pod', 'booting: a 4090'),
        event(40, 'pod', 'loading: the model'),
        event(55, 'pod', 'ready: after 40 s'),
        event(70, 'model-call', 'find/1', { startedAt: 56 }),
        event(80, 'model-call', 'find/2', { startedAt: 57 }),
        event(99, 'published'),
      ]),
    ).toEqual([
      'wait 0-10',
      'wait 12-15',
      'rent 15-30',
      'boot 30-40',
      'warm 40-55',
      'model 56-70',
      'model 57-80',
      'post 80-100',
    ])
  })

  test('a prompt names its phases by kind and its call by its length', () => {
    expect(
      brief([event(12, 'renting', 'x'), event(20, 'ready'), event(60, 'model-call', '', { inferMs: 35 })]),
    ).toEqual(['wait 0-10', 'rent 12-20', 'model 25-60', 'post 60-100'])
  })

  test('a job that still runs reaches to now', () => {
    const open = { endedAt: null, outcome: null, state: 'waiting_pod' as const }
    expect(brief([event(12, 'pod', 'booting: x')], open)).toEqual(['wait 0-10', 'boot 12-150'])
    expect(brief([], { ...open, startedAt: null })).toEqual(['wait 0-150'])
  })

  test('without a timeline the pod tells what it knows, within the life of the job', () => {
    const pod = samplePod(1, { attemptedAt: -50, runningAt: 20, readyAt: 400 })
    expect(ganttSpans(job, [], pod, 150).map(({ lane, from, to }) => `${lane} ${from}-${to}`)).toEqual([
      'wait 0-10',
      'rent 0-20',
      'boot 20-100',
    ])
  })

  test('no span ends before it begins, whatever the timeline says', () => {
    const kinds = fc.constantFrom('pod', 'renting', 'queued', 'model-call', 'published', 'x')
    const facts = fc.constantFrom(null, { startedAt: 5 }, { inferMs: 20 }, { startedAt: 'x' }, 'x', [1])
    const words = fc.constantFrom('queued: a', 'booting: b', ':', '', 'constructor: c')
    const some = fc.array(fc.record({ at: fc.nat(200), kind: kinds, text: words, facts }))
    fc.assert(
      fc.property(some, (events) => {
        for (const { from, to } of ganttSpans(job, events, undefined, 150)) expect(to).toBeGreaterThan(from)
      }),
      { numRuns: 300 },
    )
  })
})
