import { expect, it } from 'vitest'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { createSessionSecret } from './session-secret.ts'

const clock = createFakeClock()
const random = createSeededRandom(1)

it('cannot be had from the store alone', async () => {
  const { facts } = createMemoryStore({ clock })
  const secret = await createSessionSecret({ facts, clock, random, pepper: 'webhook secret' })()
  for (const value of (await facts.listByPrefix('')).values()) expect(value).not.toBe(secret)
})

it('is the same for replicas of one environment, and another for any other', async () => {
  const { facts } = createMemoryStore({ clock })
  const of = (pepper: string) => createSessionSecret({ facts, clock, random, pepper })()
  expect(await of('one')).toBe(await of('one'))
  expect(await of('one')).not.toBe(await of('two'))
})
