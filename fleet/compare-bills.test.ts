import { expect, test } from 'vitest'
import { podId } from '../ports/ids.ts'
import { microUsdFromUsd } from '../ports/money.ts'
import { compareBills } from './compare-bills.ts'

const bill = (id: string, dollars: number) => ({
  podId: podId.parse(id),
  startTime: 0,
  endTime: 3_600_000,
  totalMicroUsd: microUsdFromUsd(dollars),
})

test.each([
  ['agree', [bill('a', 0.69)], false, []],
  ['agree over several buckets', [bill('a', 0.3), bill('a', 0.39)], false, []],
  ['differ by less than a twentieth', [bill('a', 0.66)], false, []],
  ['differ by more', [bill('a', 0.6)], true, []],
  ['name pods we know nothing of', [bill('a', 0.69), bill('b', 3), bill('running', 1)], false, ['b']],
])('ledger and bill %s', (_, records, isAlarming, unknownPods) => {
  const ours = new Map([['a', microUsdFromUsd(0.69)]])
  expect(compareBills(ours, records, new Set(['a', 'running']))).toMatchObject({ isAlarming, unknownPods })
})
