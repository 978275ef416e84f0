import { afterEach, expect, it } from 'vitest'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import type { Log } from '../../ports/log.ts'
import { followDatabaseClock, type FollowedClock } from './database-clock.ts'

const HOUR = 3_600_000
let followed: FollowedClock | undefined
afterEach(() => followed?.stop())

/** A machine whose clock is `setMs` off, and a database whose clock is right. */
async function start(setMs: number) {
  const time = createFakeClock()
  const machine = { setMs, away: false }
  const told: unknown[] = []
  const log: Log = { debug() {}, info() {}, error() {}, warn: (facts) => void told.push(facts) }
  const database = {
    async query() {
      if (machine.away) throw new Error('away')
      return [{ now: time.now() }] as never
    },
  }
  const own = { now: () => time.now() + machine.setMs, sleep: time.sleep }
  followed = await followDatabaseClock(database, own, log, () => time.now())
  const { clock } = followed
  return { time, machine, clock, told, offMs: () => clock.now() - time.now() }
}

it.each([-HOUR, -4_000, 4_000, HOUR])(
  'a machine that is %i ms off goes by the clock of the database',
  async (setMs) => {
    const { offMs, told } = await start(setMs)
    expect(offMs()).toBe(0)
    expect(told).toEqual(Math.abs(setMs) === HOUR ? [{ apartSeconds: -setMs / 1000 }] : [])
  },
)

it('a machine that is a moment off keeps its own clock', async () => {
  const { offMs } = await start(200)
  expect(offMs()).toBe(200)
})

it('a clock that is set is put right as soon as somebody looks at it, and again when it is set back', async () => {
  const { machine, offMs } = await start(0)
  machine.setMs = 5 * 60_000
  expect(offMs()).toBe(5 * 60_000)
  await Promise.resolve()
  await expect.poll(offMs).toBe(0)
  machine.setMs = 0
  expect(offMs()).toBe(-5 * 60_000)
  await expect.poll(offMs).toBe(0)
})

it('a clock that drifts is put right within seconds', async () => {
  const { time, machine, offMs } = await start(0)
  machine.setMs = 900
  expect(offMs()).toBe(900)
  await time.advance(5_000)
  expect(offMs()).toBe(0)
})

it('while the database is away, what was known last counts', async () => {
  const { time, machine, offMs } = await start(HOUR)
  machine.away = true
  await time.advance(60_000)
  expect(offMs()).toBe(0)
})
