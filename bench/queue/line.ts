import type { Figures, Goal } from '../report/line-result.ts'
import { reportLine } from '../report/report-line.ts'
import { numbersOf, runDriver } from '../report/run-driver.ts'

const STORES = [
  { kind: 'pglite', name: 'PGlite', jobsPerSecond: 300 },
  { kind: 'postgres', name: 'PostgreSQL', jobsPerSecond: 450 },
] as const

await reportLine(async ({ isQuick, say }) => {
  const jobs = isQuick ? 200 : 2_000
  const found = new Map<string, ReadonlyMap<string, number>>()
  const skipped: string[] = []
  const goals: Goal[] = []
  for (const { kind, name, jobsPerSecond } of STORES) {
    say(name)
    const answer = await runDriver('queue/main.ts', [kind, String(jobs)])
    if (answer.kind === 'skipped') skipped.push(`${name}: ${answer.why}`)
    const numbers = answer.kind === 'measured' ? numbersOf(answer.figures) : new Map<string, number>()
    if (answer.kind === 'measured') found.set(name, numbers)
    const goal = (what: string, figure: string, sign: '>=' | '<=', limit: number, unit: string): Goal => ({
      what: `${name}: ${what}`,
      value: numbers.get(figure) ?? null,
      unit,
      sign,
      limit,
    })
    goals.push(goal('jobs through the whole road', 'jobs per second', '>=', jobsPerSecond, 'per second'))
    goals.push(goal('from created to started, p95', 'dispatch p95 ms', '<=', 50, 'ms'))
  }
  return figuresOf(found, goals, skipped)
})

function figuresOf(
  found: ReadonlyMap<string, ReadonlyMap<string, number>>,
  goals: readonly Goal[],
  skipped: readonly string[],
): Figures {
  const names = [...new Set([...found.values()].flatMap((numbers) => [...numbers.keys()]))]
  return {
    tables: [
      {
        title: 'One process',
        columns: [{ name: '' }, ...[...found.keys()].map((name) => ({ name }))],
        rows: names.map((name) => [name, ...[...found.values()].map((numbers) => numbers.get(name) ?? null)]),
      },
    ],
    goals: [...goals],
    charts: [
      {
        title: 'Trivial jobs',
        unit: 'per second',
        isMoreBetter: true,
        bars: [...found].map(([name, numbers]) => ({ name, value: numbers.get('jobs per second') ?? 0, isOurs: true })),
      },
    ],
    skipped: [...skipped],
  }
}
