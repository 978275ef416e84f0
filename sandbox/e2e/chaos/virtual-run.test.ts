import { describe, expect, test } from 'vitest'
import { CRASH_POINTS } from './crash-points.ts'
import { VIRTUAL_POLICY } from './virtual-policy.ts'
import type { VirtualOrder, VirtualResult } from './virtual-order.ts'
import { runVirtual } from './virtual-run.ts'

/** What must hold whatever died when. `clockShare`: how far the clock alone may be off. */
function faultsOf(result: VirtualResult, clockShare = 0.01): string[] {
  const isOff = (usd: number, share: number) => Math.abs(usd - result.billedUsd) > share * result.billedUsd
  return [
    result.liveAtEnd === 0 ? '' : `${result.liveAtEnd} pods live at the end`,
    result.maxLive <= 1 ? '' : `${result.maxLive} pods at once`,
    result.lost === 0 ? '' : `${result.lost} jobs lost`,
    result.twice === 0 ? '' : `${result.twice} jobs done twice`,
    result.foreignTouched === 0 ? '' : 'a foreign pod was touched',
    isOff(result.clockUsd, clockShare) ? `by the clock ${result.clockUsd} against a bill of ${result.billedUsd}` : '',
    isOff(result.ledgerUsd, 0.0001) ? `ledger ${result.ledgerUsd} against a bill of ${result.billedUsd}` : '',
    result.unbilled === 0 ? '' : `${result.unbilled} pods whose bill was never read`,
  ].filter((fault) => fault !== '')
}

describe.each([
  { replicas: 1, seeds: 6 },
  { replicas: 3, seeds: 10 },
])('with $replicas process(es) that are killed and stopped at random', ({ replicas, seeds }) => {
  test.each(Array.from({ length: seeds }, (_, index) => index + 1))(
    'seed %i leaks nothing, loses nothing, does nothing twice',
    async (seed) => {
      const result = await runVirtual({ seed, replicas, minutes: 20 })
      expect(faultsOf(result)).toEqual([])
      expect(result.jobs).toBeGreaterThan(5)
      expect(result.kills).toBeGreaterThan(5)
    },
  )
})

test.each([
  { seed: 1, deaths: false, most: 1 },
  { seed: 2, deaths: false, most: 1 },
  // Who starts after a jump cannot know that a create before it is younger than it looks: until the sweep there may be a second pod.
  { seed: 3, deaths: true, most: 2 },
  { seed: 6, deaths: true, most: 2 },
])(
  'seed $seed holds although the clock jumps minutes forward and back; deaths: $deaths',
  async ({ seed, deaths, most }) => {
    const result = await runVirtual({ seed, deaths, replicas: 3, minutes: 20, clockJumps: true })
    expect(result.maxLive).toBeLessThanOrEqual(most)
    // What a jump makes of the money that is counted by clocks, the bill puts right.
    expect(faultsOf({ ...result, maxLive: 1, clockUsd: result.billedUsd })).toEqual([])
    expect(result.clockJumps).toBeGreaterThan(5)
  },
)

test('a pod is never alive for long without a job when the idle policy is immediate', async () => {
  const results = await Promise.all([101, 102, 103].map((seed) => runVirtual({ seed, replicas: 3, minutes: 20 })))
  const unneeded = results.reduce((sum, result) => sum + result.unneededSeconds, 0)
  expect(unneeded).toBeLessThan(3 * 60)
})

test('the harness finds the leaks of the usual way', async () => {
  const results = await Promise.all(
    [1, 2, 3].map((seed) => runVirtual({ seed, replicas: 3, minutes: 20, fleet: 'naive' })),
  )
  expect(results.reduce((sum, result) => sum + result.liveAtEnd, 0)).toBeGreaterThan(5)
  expect(Math.max(...results.map((result) => result.maxLive))).toBeGreaterThan(2)
})

test.each([
  ['unread-bills', 1, /bill was never read/],
  ['from-running', 1, /by the clock/],
] as const)('the harness finds a fleet that counts money wrongly: %s', async (how, seed, complaint) => {
  const result = await runVirtual({ seed, replicas: 3, minutes: 20, break: how })
  expect(faultsOf(result).join()).toMatch(complaint)
})

const { timings } = VIRTUAL_POLICY
/** Between them they reach every step boundary. */
const SCENARIOS: readonly (Partial<VirtualOrder> & { readonly most?: number; readonly clockShare?: number })[] = [
  {},
  { faults: { noCapacity: 0.5 } },
  // Pods that are kept die while nobody looks at them; of one whose leader dies with it the clock knows the end by half a minute.
  { clockShare: 0.2, faults: { diesPerMinute: 1 }, policy: { idle: { kind: 'fixed', maxMs: 60_000, spendTarget: 1 } } },
  // A life so short that pods are drained while they work.
  { policy: { timings: { ...timings, lifetimeMs: 2 * 60_000, drainMs: 80_000 } } },
  // Creates are given up before they show: the sweep finds them beside the next pod.
  {
    most: 4,
    faults: { createdButFailed: 0.5, listLagMs: 8_000 },
    policy: { timings: { ...timings, settleMs: 300, sightingMs: 3_000, absenceMs: 9_000, sweepListMs: 3_000 } },
  },
]

test('a crash at any step boundary leaves no pod, loses no job and does none twice', async () => {
  const quiet = { seed: 5, replicas: 1, minutes: 6 }
  const rows: string[] = []
  const tried = new Set<string>()
  for (const { most = 1, clockShare, ...scenario } of SCENARIOS) {
    const { reached } = await runVirtual({ ...quiet, ...scenario, crashAt: { name: 'none', nth: 1 } })
    for (const name of reached.filter((other) => !tried.has(other))) {
      tried.add(name)
      const result = await runVirtual({ ...quiet, ...scenario, crashAt: { name, nth: 1 } })
      const faults = faultsOf({ ...result, maxLive: result.maxLive > most ? result.maxLive : 1 }, clockShare)
      expect({ name, wasCrashed: result.wasCrashed, faults }).toEqual({ name, wasCrashed: true, faults: [] })
      rows.push(
        `| \`${name}\` | ${result.lost} | ${result.twice} | ${result.liveAtEnd} | ${result.maxLive} | ${bound(result.clockUsd, result)} | ${bound(result.ledgerUsd, result)} |`,
      )
    }
  }
  expect([...tried].toSorted()).toEqual(CRASH_POINTS)
  const page = [
    '# What a crash at each step boundary does',
    '',
    'Generated by `sandbox/e2e/chaos/virtual-run.test.ts`: one process is killed at the first arrival at the named point and started again',
    'three seconds later. Virtual time, real fleet, emulated provider.',
    '',
    '| killed at | jobs lost | done twice | pods at the end | most pods at once | by the clock, against the bill | after the bill |',
    '|---|---|---|---|---|---|---|',
    ...rows.toSorted(),
    '',
  ].join('\n')
  await expect(page).toMatchFileSnapshot('../../../docs/fleet-crash-points.md')
}, 60_000)

const BOUNDS_PERCENT = [0.01, 1, 5, 20]

/** In steps: the page shall not change with every turn of the dice. */
function bound(usd: number, { billedUsd }: VirtualResult): string {
  const percent = (Math.abs(usd - billedUsd) / billedUsd) * 100
  return `within ${BOUNDS_PERCENT.find((most) => percent <= most) ?? percent.toFixed(0)} %`
}
