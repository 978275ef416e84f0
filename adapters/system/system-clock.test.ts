import { expect, test } from 'vitest'
import { systemClock } from './system-clock.ts'

test('a sleep ends with the reason of the signal that aborted it', async () => {
  const controller = new AbortController()
  const slept = systemClock.sleep(60_000, controller.signal)
  controller.abort(new Error('drain'))
  await expect(slept).rejects.toThrow('drain')
})

test('a sleep under a signal that has aborted never starts', async () => {
  await expect(systemClock.sleep(60_000, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
})

test('a negative sleep returns', async () => {
  await expect(systemClock.sleep(-5)).resolves.toBeUndefined()
})
