import { expect, test } from 'vitest'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createPointBudget } from './point-budget.ts'

async function spend(budget: ReturnType<typeof createPointBudget>, owner: string, reads: number, writes: number) {
  let passed = 0
  for (let call = 0; call < reads + writes; call++)
    void budget.take(owner, call < reads).then((end) => {
      passed++
      end()
    })
  return () => passed
}

test('calls of an owner pass at the pace of the limit, writes at five times the price', async () => {
  const clock = createFakeClock()
  const budget = createPointBudget(clock, 100)
  const reads = await spend(budget, 'installation 7', 250, 0)
  const writes = await spend(budget, 'installation 8', 0, 30)
  const seen: [number, number][] = []
  for (let minute = 0; minute < 4; minute++) {
    await clock.advance(minute === 0 ? 1 : 60_000)
    seen.push([reads(), writes()])
  }
  expect(seen).toEqual([
    [100, 20],
    [200, 30],
    [250, 30],
    [250, 30],
  ])
})

test('a clock that is set back keeps nobody waiting', async () => {
  const clock = createFakeClock()
  const budget = createPointBudget(clock, 10)
  const before = await spend(budget, 'app', 10, 0)
  await clock.advance(1)
  clock.jump(-600_000)
  const after = await spend(budget, 'app', 10, 0)
  await clock.advance(1)
  expect([before(), after()]).toEqual([10, 10])
})
