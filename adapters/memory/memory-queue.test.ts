import { setTimeout as delay } from 'node:timers/promises'
import { queueContract } from '../../ports/contracts/queue.contract.ts'
import { createMemoryQueue } from './memory-queue.ts'
import { createMemoryStore } from './memory-store.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}

queueContract('memory', {
  async open() {
    const store = createMemoryStore({ clock })
    const queue = createMemoryQueue({ clock })
    return {
      store,
      queue,
      async close() {
        await queue.stop(0)
        await store.close()
      },
    }
  },
  close: async () => {},
})
