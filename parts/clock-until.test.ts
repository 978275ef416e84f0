import { expect, it } from 'vitest'
import { createThrottle } from '../adapters/github/throttle.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { clockUntil } from './clock-until.ts'

it('calls that wait for their turn at GitHub end with the process, those that need not wait go out', async () => {
  const clock = createFakeClock()
  const over = new AbortController()
  const throttle = createThrottle({ clock: clockUntil(clock, over.signal) })
  const ends = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const call = throttle.run('installation 1', 'read', async () => 'sent').catch((error: Error) => error.message)
      if (index === 999) setImmediate(() => over.abort(new Error('This process ends.')))
      return call
    }),
  )
  expect(Map.groupBy(ends, (end) => end).get('sent')).toHaveLength(800)
  expect(Map.groupBy(ends, (end) => end).get('This process ends.')).toHaveLength(200)
  expect(clock.sleeping).toBe(0)
})
