import { expect, it } from 'vitest'
import { createBreath } from './breath.ts'

it('gives way to what waits for the event loop, but not at every statement', async () => {
  let nowMs = 0
  const breathe = createBreath(() => nowMs)
  const turns: string[] = []
  setImmediate(() => turns.push('first'))
  await Promise.resolve()
  expect(turns).toEqual([])
  await breathe()
  expect(turns).toEqual(['first'])
  setImmediate(() => turns.push('second'))
  await breathe()
  expect(turns).toEqual(['first'])
  nowMs += 5
  await breathe()
  expect(turns).toEqual(['first', 'second'])
})
