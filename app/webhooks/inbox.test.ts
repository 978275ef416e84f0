import { expect, test } from 'vitest'
import { createMemoryQueue } from '../../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { sampleDelivery } from '../../ports/contracts/samples.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { silentLog } from '../../ports/log.ts'
import { createInbox } from './inbox.ts'

const clock = createFakeClock()

test('what is remembered is the newest, also where another replica works everything off', async () => {
  const { deliveries } = createMemoryStore({ clock })
  const inbox = createInbox({ deliveries, queue: createMemoryQueue({ clock }), log: silentLog })
  const all = Array.from({ length: 600 }, (_, n) => sampleDelivery(n))
  await Promise.all(all.map((delivery) => inbox.accept(delivery)))
  const [oldest, newest] = [all[0], all.at(-1)]
  if (oldest === undefined || newest === undefined) throw new Error('no deliveries')
  expect(inbox.recall(newest.id)).toEqual(newest)
  expect(inbox.recall(newest.id)).toBeUndefined()
  expect(inbox.recall(oldest.id)).toBeUndefined()
})
