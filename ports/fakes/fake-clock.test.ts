import { expect, test } from 'vitest'
import { createFakeClock } from './fake-clock.ts'

test('sleepers wake in order of their time, then of their arrival', async () => {
  const clock = createFakeClock(0)
  const woken: string[] = []
  for (const [name, ms] of [
    ['c', 30],
    ['a', 10],
    ['b', 10],
  ] as const) {
    void clock.sleep(ms).then(() => woken.push(`${name}@${clock.now()}`))
  }
  await clock.advance(40)
  expect(woken).toEqual(['a@10', 'b@10', 'c@30'])
  expect(clock.now()).toBe(40)
})

test('a loop that sleeps again is woken again within one advance', async () => {
  const clock = createFakeClock(0)
  const ticks: number[] = []
  void (async () => {
    while (ticks.length < 4) {
      await clock.sleep(10)
      ticks.push(clock.now())
    }
  })()
  await clock.advance(35)
  expect(ticks).toEqual([10, 20, 30])
})

test('an aborted sleep ends at once with its reason', async () => {
  const clock = createFakeClock()
  const controller = new AbortController()
  const slept = clock.sleep(1_000, controller.signal)
  controller.abort(new Error('cancelled'))
  await expect(slept).rejects.toThrow('cancelled')
  expect(clock.sleeping).toBe(0)
})

test('running until a condition says so when it can never hold', async () => {
  const clock = createFakeClock()
  await expect(clock.runUntil(() => false)).rejects.toThrow('nobody sleeps')
})

test('a jump wakes nobody', async () => {
  const clock = createFakeClock(0)
  void clock.sleep(10)
  clock.jump(100)
  expect([clock.now(), clock.sleeping]).toEqual([100, 1])
  await clock.advance(0)
  expect(clock.sleeping).toBe(0)
})
