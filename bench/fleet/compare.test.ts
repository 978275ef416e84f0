import { expect, test } from 'vitest'
import { compare } from './compare.ts'
import { simulate } from './simulate.ts'
import { allTraces } from './traces.ts'

test.each(allTraces().map((trace) => [trace.name, trace] as const))(
  '%s: adaptive stays within its share, costs at most 1.05 times and catches at least 0.95 of what the best fixed wait does',
  (_, trace) => {
    const { rows, bestFixed } = compare(trace)
    const [adaptive, ...hinted] = rows.filter((row) => row.policy.startsWith('adaptive'))
    if (adaptive === undefined) throw new Error('adaptive is among the policies')
    expect(bestFixed.idleRatio).toBeLessThanOrEqual(0.1)
    for (const row of [adaptive, ...hinted]) expect(row.idleRatio).toBeLessThanOrEqual(0.1)
    expect(adaptive.usdPerJob / bestFixed.usdPerJob).toBeLessThanOrEqual(1.05)
    expect(adaptive.warmRatio / bestFixed.warmRatio).toBeGreaterThanOrEqual(0.95)
  },
)

test('fixed ten minutes breaks the bound that adaptive keeps, so the bound can be broken', () => {
  const keep = { kind: 'policy', policy: { kind: 'fixed', maxMs: 600_000, spendTarget: 0.1 } } as const
  const broken = allTraces().filter((trace) => simulate(trace, keep).idleRatio > 0.1)
  expect(broken.length).toBeGreaterThan(3)
})
