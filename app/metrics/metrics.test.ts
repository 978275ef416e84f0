import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { silentLog } from '../../ports/log.ts'
import { createMemoryQueue } from '../../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { countSweep } from '../../fleet/sweep-count.ts'
import { createCallTally } from '../../parts/call-tally.ts'
import { sampleJob, sampleJobId } from '../../ports/contracts/samples.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { commitSha, repositoryName } from '../../ports/ids.ts'
import type { Store } from '../../ports/store.ts'
import { phasesOf } from './collect.ts'
import { createInstruments } from './instruments.ts'
import { metricsRoutes } from './routes.ts'

const familyShape = z.array(
  z.object({
    name: z.string(),
    type: z.string(),
    help: z.string(),
    metrics: z.array(
      z.looseObject({ value: z.string().optional(), labels: z.record(z.string(), z.string()).optional() }),
    ),
  }),
)
const clock = createFakeClock()
let store: Store
let scrape: () => Promise<z.infer<typeof familyShape>>
let reads: number

beforeEach(() => {
  store = createMemoryStore({ clock })
  reads = 0
  const github = createCallTally()
  github.count({ route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}', status: 200, remaining: 4_990 })
  const counted: Store = {
    ...store,
    jobs: {
      ...store.jobs,
      countByOutcome: (since) => {
        reads += 1
        return store.jobs.countByOutcome(since)
      },
    },
  }
  const app = metricsRoutes({
    store: counted,
    queue: createMemoryQueue({ clock }),
    clock,
    log: silentLog,
    budget: { perDayMicroUsd: 10_000_000, perMonthMicroUsd: 100_000_000 },
    readDrift: async () => 2,
    github,
  })
  scrape = async () => familyShape.parse(parsePrometheusTextFormat(await (await app.request('/metrics')).text()))
})

async function endJob(number: number, outcome: string) {
  const now = clock.now()
  await store.jobs.create(sampleJob(number, { kind: 'infer', createdAt: now - 4_000 }))
  const row = await store.jobs.claim(sampleJobId(number), now - 3_000)
  const result = { timing: { inferMs: 1_500 } }
  await store.jobs.update(sampleJobId(number), row?.fence ?? 0, {
    state: 'done',
    startedAt: now - 3_000,
    endedAt: now,
    outcome,
    result,
  })
}

describe('GET /metrics', () => {
  it('is text that a Prometheus parser reads, with a help line for every family', async () => {
    const families = await scrape()
    expect(families.length).toBeGreaterThanOrEqual(17)
    for (const { name, help } of families) {
      expect(name).toMatch(/^devloop_[a-z_]+$/)
      expect(help).not.toBe('')
    }
  })

  it('shows what ended, what waits, what was judged and what was swept', async () => {
    clock.jump(10_000)
    await store.jobs.create(sampleJob(9, { kind: 'review', createdAt: clock.now() }))
    await endJob(1, 'answered')
    await endJob(2, 'failed')
    await countSweep(store.facts, 'devloop-a', clock.now())
    await countSweep(store.facts, 'devloop-a', clock.now())
    await countSweep(store.facts, 'devloop-b', clock.now())
    await store.governance.addVerdict({
      id: 'v1',
      repository: repositoryName.parse('acme/shop'),
      pullRequest: 1,
      headSha: commitSha.parse('a'.repeat(40)),
      conclusion: 'failure',
      drift: 1,
      snapshot: '{}',
      policy: '{}',
      verdict: { rules: [{ id: 'plan/ghost', status: 'fail' }] },
      createdAt: clock.now(),
    })
    const families = await scrape()
    const value = (name: string, labels: Record<string, string> = {}) =>
      families
        .find((family) => family.name === name)
        ?.metrics.find((metric) => Object.entries(labels).every(([key, text]) => metric.labels?.[key] === text))?.value
    expect(value('devloop_jobs_total', { outcome: 'answered' })).toBe('1')
    expect(value('devloop_jobs_total', { outcome: 'failed' })).toBe('1')
    expect(value('devloop_jobs_open', { state: 'queued' })).toBe('1')
    expect(value('devloop_plan_drift')).toBe('2')
    expect(value('devloop_sweep_kills_total')).toBe('2')
    expect(value('devloop_rule_verdicts_total', { rule: 'plan/ghost', status: 'fail' })).toBe('1')
    expect(value('devloop_github_calls_total', { status: '200' })).toBe('1')
    expect(value('devloop_github_rate_remaining')).toBe('4990')
    expect(value('devloop_budget_microusd', { period: 'month' })).toBe('100000000')
    const inference = families.find(({ name }) => name === 'devloop_inference_seconds')
    expect(inference?.metrics[0]).toMatchObject({ count: '2', sum: '3' })
    const wait = families.find(({ name }) => name === 'devloop_queue_wait_seconds')
    expect(wait?.metrics[0]).toMatchObject({ buckets: { '0.5': '0', '1': '2' } })
  })

  it('reads the store once in ten seconds however often it is asked, and counts nothing twice', async () => {
    clock.jump(10_000)
    await endJob(1, 'answered')
    for (let count = 0; count < 500; count++) await scrape()
    expect(reads).toBe(1)
    clock.jump(11_000)
    const families = await scrape()
    expect(reads).toBe(2)
    expect(families.find(({ name }) => name === 'devloop_inference_seconds')?.metrics[0]).toMatchObject({ count: '1' })
  })
})

it('a pod is in exactly one phase at any time', () => {
  const row = {
    attemptedAt: 1_000,
    runningAt: 5_000,
    readyAt: 9_000,
    drainAt: 20_000,
    terminateAt: null,
    deletedAt: null,
    goneAt: null,
  }
  const phases = phasesOf(row as unknown as Parameters<typeof phasesOf>[0], 30_000)
  expect(phases).toEqual([
    ['provisioning', 4_000],
    ['booting', 4_000],
    ['serving', 11_000],
    ['draining', 10_000],
  ])
  expect(phases.reduce((sum, [, ms]) => sum + ms, 0)).toBe(29_000)
})

describe('examples/grafana', () => {
  const folder = join(import.meta.dirname, '../../examples/grafana')
  const suffixes = /_(?:bucket|sum|count)$/
  const known = () =>
    new Set(
      createInstruments()
        .registry.getMetricsAsArray()
        .map((metric) => metric.name),
    )
  const namesIn = (text: string) => [...new Set(text.match(/\bdevloop_[a-z_]+/g) ?? [])]

  it('the dashboard asks only for metrics that exist, and for most of them', async () => {
    const text = await readFile(join(folder, 'dashboard.json'), 'utf8')
    const dashboard = z
      .object({ panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })) })
      .parse(JSON.parse(text))
    const used = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr)))
    expect(used.filter((name) => !known().has(name) && !known().has(name.replace(suffixes, '')))).toEqual([])
    expect(new Set(used.map((name) => name.replace(suffixes, ''))).size).toBeGreaterThanOrEqual(14)
  })

  it('the alert rules ask only for metrics that exist', async () => {
    const rules = z
      .object({
        groups: z.array(
          z.object({
            name: z.string(),
            rules: z.array(
              z.object({ alert: z.string(), expr: z.string(), annotations: z.object({ summary: z.string() }) }),
            ),
          }),
        ),
      })
      .parse(parseYaml(await readFile(join(folder, 'alerts.yml'), 'utf8')))
    const used = rules.groups.flatMap((group) => group.rules.flatMap(({ expr }) => namesIn(expr)))
    expect(used.length).toBeGreaterThan(5)
    expect(used.filter((name) => !known().has(name) && !known().has(name.replace(suffixes, '')))).toEqual([])
  })
})
