import type { Figures } from '../report/line-result.ts'
import { reportLine } from '../report/report-line.ts'
import { percentile } from '../report/statistics.ts'
import { bootAtOnce, type PodsReady } from './measure.ts'

const COUNTS = [1, 10, 100]
const QUICK_COUNTS = [1, 10]
const SEED = 11

await reportLine(async ({ isQuick, say }) => {
  const measured: (readonly [count: number, ready: PodsReady])[] = []
  for (const count of isQuick ? QUICK_COUNTS : COUNTS) {
    say(`${count} pods`)
    measured.push([count, await bootAtOnce(count, SEED)])
  }
  return figuresOf(measured)
})

function figuresOf(measured: readonly (readonly [count: number, ready: PodsReady])[]): Figures {
  const seconds = (all: readonly number[], share: number) => percentile(all, share) / 1_000
  return {
    tables: [
      {
        title: 'Virtual seconds from the question to a pod that serves',
        columns: [
          { name: 'pods at once', digits: 0 },
          { name: 'provider p50', digits: 1 },
          { name: 'DevLoop p50', digits: 1 },
          { name: 'provider p95', digits: 1 },
          { name: 'DevLoop p95', digits: 1 },
          { name: 'last pod asked for after', digits: 1 },
        ],
        rows: measured.map(([count, { toReadyMs, bootMs, askedOverMs }]) => [
          count,
          seconds(bootMs, 0.5),
          seconds(toReadyMs, 0.5),
          seconds(bootMs, 0.95),
          seconds(toReadyMs, 0.95),
          askedOverMs / 1_000,
        ]),
      },
    ],
    goals: measured
      .map(([count, { toReadyMs, bootMs }]) => ({
        what: `${count} at once: p95 to ready beyond the provider's own p95`,
        value: seconds(toReadyMs, 0.95) - seconds(bootMs, 0.95),
        unit: 's',
        sign: '<=' as const,
        limit: 2,
        digits: 1,
      }))
      .toReversed(),
    charts: [
      {
        title: 'p95 to a pod that serves',
        unit: 'virtual seconds',
        isMoreBetter: false,
        bars: measured.flatMap(([count, { toReadyMs, bootMs }]) => [
          { name: `${count} at once, provider`, value: seconds(bootMs, 0.95), isOurs: false },
          { name: `${count} at once, DevLoop`, value: seconds(toReadyMs, 0.95), isOurs: true },
        ]),
      },
    ],
    skipped: [],
  }
}
