import { expect, test } from 'vitest'
import { killAt, killFaults } from './kill-at.ts'
import { KILL_MOMENTS } from './kill-moments.ts'

/** All moments: `npm run chaos -- --moments`. */
const CHOSEN = ['create under way, arriving late', 'in the middle of the answer', 'told to end, not yet arrived']

test.concurrent.each(KILL_MOMENTS.filter(({ name }) => CHOSEN.includes(name)))(
  'killed at "$name", a command leaves nothing that pods reap does not end, and the pods of others alone',
  async (moment) => {
    const outcome = await killAt(moment)
    expect({ ...outcome, faults: killFaults(outcome) }).toMatchObject({ wasKilled: true, faults: [] })
  },
  30_000,
)

test('the chosen moments exist', () => {
  expect(KILL_MOMENTS.filter(({ name }) => CHOSEN.includes(name))).toHaveLength(CHOSEN.length)
})
