import { beforeAll, expect, test } from 'vitest'
import { judgeSoak } from './judge-soak.ts'
import { morning } from './soak-orders.ts'
import { runSoak, type SoakResult } from './soak-run.ts'

const LIMIT_MS = 300_000

let result: SoakResult
beforeAll(async () => {
  result = await runSoak(morning(1))
}, LIMIT_MS)

test('a morning of the real server in virtual time loses nothing, leaves no pod, and does not grow', () => {
  expect(judgeSoak(result)).toEqual([])
  expect(result.pullRequests).toBeGreaterThan(4)
  expect(result.commands).toBeGreaterThan(1)
  expect(result.reviews).toBeGreaterThan(0)
  expect(result.podsRented).toBeGreaterThan(0)
})

test('growth in memory, rows and handles is found', () => {
  const even = { at: '', pullRequests: 100, heapMb: 50, rows: 1_000, overdue: 0, lasting: 0, handles: 2 }
  const judged = (change: (index: number) => object) =>
    judgeSoak({ ...result, looks: Array.from({ length: 7 }, (_, index) => ({ ...even, ...change(index) })) })
  expect(judged(() => ({}))).toEqual([])
  expect(judged((index) => ({ heapMb: 50 + 3 * index }))).toEqual([expect.stringContaining('heap grows')])
  expect(judged((index) => ({ overdue: index }))).toEqual([expect.stringContaining('6 rows at the end are older')])
  expect(judged((index) => ({ handles: 2 + index }))).toEqual([expect.stringContaining('open handles')])
})

test(
  'with retention switched off, the rows of a morning are found to stay',
  async () => {
    const keeper = await runSoak({ ...morning(3), looks: 6, broken: 'keeps-everything' })
    expect(judgeSoak(keeper)).toEqual([expect.stringContaining('older than they may be')])
  },
  LIMIT_MS,
)
