import { z } from 'zod'
import type { Figures, Goal } from '../report/line-result.ts'
import { reportLine } from '../report/report-line.ts'
import { numbersOf, runDriver } from '../report/run-driver.ts'

const STORES = [
  { kind: 'pglite', name: 'PGlite', jobsPerSecond: 300, stored: ['1000', '100000'] },
  { kind: 'postgres', name: 'PostgreSQL', jobsPerSecond: 450, stored: ['1000', '100000', '1000000'] },
] as const
const JOBS = { full: '2000', quick: '200' }
/** Worker processes look at what is open and warm up first: that takes a quarter of a second. */
const JOBS_OF_REPLICAS = '4000'
const TAKEOVER_S = 20

const replicasSchema = z.object({
  rows: z.array(z.object({ replicas: z.number(), jobsPerSecond: z.number() })),
  takeoverMs: z.number().optional(),
})
const storedSchema = z.object({ rows: z.array(z.object({ query: z.string(), jobs: z.number(), p50Ms: z.number() })) })

const NOTHING: Figures = { tables: [], goals: [], charts: [], skipped: [] }

await reportLine(async ({ isQuick, say }) => {
  const jobs = isQuick ? JOBS.quick : JOBS.full
  say('one process')
  const parts = [await oneProcess(jobs)]
  if (isQuick) parts.push({ ...NOTHING, skipped: ['replicas and stored jobs take minutes: not in a quick run.'] })
  else {
    say('replicas')
    parts.push(await replicas(JOBS_OF_REPLICAS))
    for (const { kind, name, stored } of STORES) {
      say(`stored jobs, ${name}`)
      parts.push(await storedJobs(kind, name, stored))
    }
  }
  return {
    tables: parts.flatMap(({ tables }) => tables),
    goals: parts.flatMap(({ goals }) => goals),
    charts: parts.flatMap(({ charts }) => charts),
    skipped: parts.flatMap(({ skipped }) => skipped),
  }
})

async function oneProcess(jobs: string): Promise<Figures> {
  const found = new Map<string, ReadonlyMap<string, number>>()
  const skipped: string[] = []
  const goals: Goal[] = []
  for (const { kind, name, jobsPerSecond } of STORES) {
    const answer = await runDriver('queue/main.ts', [kind, jobs])
    if (answer.kind === 'skipped') skipped.push(`${name}: ${answer.why}`)
    const numbers = answer.kind === 'measured' ? numbersOf(answer.figures) : new Map<string, number>()
    if (answer.kind === 'measured') found.set(name, numbers)
    const value = (figure: string) => numbers.get(figure) ?? null
    goals.push({
      what: `${name}: jobs through the whole road`,
      value: value('jobs per second'),
      unit: 'per second',
      sign: '>=',
      limit: jobsPerSecond,
    })
    goals.push({
      what: `${name}: from created to started, p95`,
      value: value('dispatch p95 ms'),
      unit: 'ms',
      sign: '<=',
      limit: 50,
    })
  }
  const names = [...new Set([...found.values()].flatMap((numbers) => [...numbers.keys()]))]
  return {
    tables: [
      {
        title: 'One process',
        columns: [{ name: '' }, ...[...found.keys()].map((name) => ({ name }))],
        rows: names.map((name) => [name, ...[...found.values()].map((numbers) => numbers.get(name) ?? null)]),
      },
    ],
    goals,
    charts: [
      {
        title: 'Trivial jobs, one process',
        unit: 'per second',
        isMoreBetter: true,
        bars: [...found].map(([name, numbers]) => ({ name, value: numbers.get('jobs per second') ?? 0, isOurs: true })),
      },
    ],
    skipped,
  }
}

async function replicas(jobs: string): Promise<Figures> {
  const answer = await runDriver('queue/replicas.ts', [jobs, '--json'])
  if (answer.kind === 'skipped') return { ...NOTHING, skipped: [`Replicas: ${answer.why}`] }
  const { rows, takeoverMs } = replicasSchema.parse(answer.figures)
  return {
    ...NOTHING,
    tables: [
      {
        title: 'Worker processes on one PostgreSQL',
        columns: [{ name: 'replicas' }, { name: 'jobs per second', digits: 0 }],
        rows: rows.map(({ replicas: count, jobsPerSecond }) => [`${count}`, jobsPerSecond]),
      },
    ],
    goals: [
      {
        what: 'after `kill -9`, another replica goes on with the job',
        value: takeoverMs === undefined ? null : takeoverMs / 1_000,
        unit: 's',
        sign: '<=',
        limit: TAKEOVER_S,
        digits: 1,
      },
    ],
    skipped: rows.length === 0 ? ['Replicas: no PostgreSQL here.'] : [],
  }
}

/** Growth from the fewest to the most stored jobs must not be more than that of a search in an index. */
async function storedJobs(kind: string, name: string, sizes: readonly string[]): Promise<Figures> {
  const answer = await runDriver('queue/stored.ts', [kind, ...sizes, '--json'])
  if (answer.kind === 'skipped') return { ...NOTHING, skipped: [`Stored jobs, ${name}: ${answer.why}`] }
  const { rows } = storedSchema.parse(answer.figures)
  if (rows.length === 0) return { ...NOTHING, skipped: [`Stored jobs, ${name}: no PostgreSQL here.`] }
  const counts = [...new Set(rows.map(({ jobs }) => jobs))].sort((one, other) => one - other)
  const queries = [...new Set(rows.map(({ query }) => query))]
  const at = (query: string, jobs: number) =>
    rows.find((row) => row.query === query && row.jobs === jobs)?.p50Ms ?? Number.NaN
  const [fewest = 1, most = 1] = [counts[0], counts.at(-1)]
  return {
    ...NOTHING,
    tables: [
      {
        title: `Hot queries beside stored jobs, ${name}: p50 ms`,
        columns: [{ name: '' }, ...counts.map((jobs) => ({ name: `${jobs.toLocaleString('en-US')} jobs`, digits: 2 }))],
        rows: queries.map((query) => [query, ...counts.map((jobs) => at(query, jobs))]),
      },
    ],
    goals: [
      {
        what: `${name}: worst growth of a hot query from ${fewest.toLocaleString('en-US')} to ${most.toLocaleString('en-US')} jobs`,
        value: Math.max(...queries.map((query) => at(query, most) / at(query, fewest))),
        unit: '×',
        sign: '<=',
        limit: Math.log(most) / Math.log(fewest),
        digits: 2,
      },
    ],
  }
}
