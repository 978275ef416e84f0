import type { Figures } from '../report/line-result.ts'
import { reportLine } from '../report/report-line.ts'
import { type Comparison, compare, type Row } from './compare.ts'
import { allTraces } from './traces.ts'

await reportLine(async ({ isQuick, say }) => {
  const traces = isQuick ? allTraces().slice(-2) : allTraces()
  const comparisons = traces.map((trace) => {
    say(trace.name)
    return compare(trace)
  })
  return figuresOf(comparisons)
})

function figuresOf(comparisons: readonly Comparison[]): Figures {
  const ratios = comparisons.map(({ rows, bestFixed }) => {
    const adaptive = rows.find(({ policy }) => policy === 'adaptive')
    if (adaptive === undefined) throw new RangeError('adaptive is among the policies')
    return {
      idle: adaptive.idleRatio,
      cost: adaptive.usdPerJob / bestFixed.usdPerJob,
      warm: adaptive.warmRatio / bestFixed.warmRatio,
    }
  })
  return {
    tables: comparisons.map(({ trace, jobs, rows, bestFixed }) => ({
      title: `${trace} (${jobs.toLocaleString('en-US')} jobs)`,
      columns: [
        { name: '' },
        { name: '$ a job', digits: 4 },
        { name: 'idle %', digits: 1 },
        { name: 'warm %', digits: 1 },
        { name: 'wait p50 s', digits: 0 },
        { name: 'wait p95 s', digits: 0 },
        { name: '× clairvoyant', digits: 2 },
      ],
      rows: [...rows, { ...bestFixed, policy: `best fixed (${bestFixed.waitSeconds} s)` }].map(cellsOf),
    })),
    goals: [
      {
        what: 'idle spend of adaptive, worst trace',
        value: Math.max(...ratios.map(({ idle }) => idle * 100)),
        unit: '%',
        sign: '<=',
        limit: 10,
        digits: 1,
      },
      {
        what: 'cost against the best fixed wait, worst trace',
        value: Math.max(...ratios.map(({ cost }) => cost)),
        unit: '×',
        sign: '<=',
        limit: 1.05,
        digits: 3,
      },
      {
        what: 'warm hits against the best fixed wait, worst trace',
        value: Math.min(...ratios.map(({ warm }) => warm)),
        unit: '×',
        sign: '>=',
        limit: 0.95,
        digits: 3,
      },
    ],
    charts: comparisons
      .filter(({ trace }) => trace === 'commit times')
      .map(({ rows, bestFixed }) => ({
        title: 'What a job costs, at the commit times of a real repository',
        unit: '× clairvoyant',
        isMoreBetter: false,
        bars: [...rows, bestFixed].map(({ policy, timesClairvoyant }) => ({
          name: policy,
          value: timesClairvoyant,
          isOurs: policy.startsWith('adaptive'),
        })),
      })),
    skipped: [],
  }
}

function cellsOf(row: Row) {
  const { policy, usdPerJob, idleRatio, warmRatio, waitP50Seconds, waitP95Seconds, timesClairvoyant } = row
  return [policy, usdPerJob, idleRatio * 100, warmRatio * 100, waitP50Seconds, waitP95Seconds, timesClairvoyant]
}
