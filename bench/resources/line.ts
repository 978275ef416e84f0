import type { Figures, Goal } from '../report/line-result.ts'
import { reportLine } from '../report/report-line.ts'
import { numbersOf, runDriver } from '../report/run-driver.ts'

const STORES = [
  { kind: 'pglite', name: 'PGlite', rssMb: 300 },
  { kind: 'postgres', name: 'PostgreSQL', rssMb: 150 },
] as const

await reportLine(async ({ isQuick, say }): Promise<Figures> => {
  const [jobs, idleSeconds] = isQuick ? ['3', '2'] : ['20', '15']
  const found = new Map<string, ReadonlyMap<string, number>>()
  const skipped: string[] = []
  const goals: Goal[] = []
  for (const { kind, name, rssMb } of STORES) {
    say(name)
    const answer = await runDriver('resources/main.ts', [kind, '--jobs', jobs, '--idle', idleSeconds, '--json'])
    if (answer.kind === 'skipped') skipped.push(`${name}: ${answer.why}`)
    const numbers = answer.kind === 'measured' ? numbersOf(answer.figures) : new Map<string, number>()
    if (answer.kind === 'measured') found.set(name, numbers)
    const value = (figure: string) => numbers.get(figure) ?? null
    goals.push({
      what: `${name}: memory after ${jobs} jobs`,
      value: value('rss mb'),
      unit: 'MB',
      sign: '<=',
      limit: rssMb,
    })
    goals.push({
      what: `${name}: processor at rest`,
      value: value('idle cpu percent'),
      unit: '%',
      sign: '<=',
      limit: 1,
    })
  }
  const names = [...new Set([...found.values()].flatMap((numbers) => [...numbers.keys()]))]
  return {
    tables: [
      {
        title: 'The server alone; GitHub, RunPod, pods and PostgreSQL are other processes',
        columns: [{ name: '' }, ...[...found.keys()].map((name) => ({ name }))],
        rows: names.map((name) => [name, ...[...found.values()].map((numbers) => numbers.get(name) ?? null)]),
      },
    ],
    goals,
    charts: [
      {
        title: 'Memory of the server after its jobs',
        unit: 'MB',
        isMoreBetter: false,
        bars: [...found].map(([name, numbers]) => ({ name, value: numbers.get('rss mb') ?? 0, isOurs: true })),
      },
    ],
    skipped,
  }
})
