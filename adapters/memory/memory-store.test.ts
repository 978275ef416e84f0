import { setTimeout as delay } from 'node:timers/promises'
import { storeContract } from '../../ports/contracts/store.contract.ts'
import { createMemoryStore } from './memory-store.ts'

const realClock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}

storeContract('memory', {
  open: async () => createMemoryStore({ clock: realClock }),
  close: async () => {},
})
