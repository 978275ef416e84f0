import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMemoryQueue } from '../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { sampleJob, sampleJobId } from '../ports/contracts/samples.ts'
import { ModelError } from '../ports/errors.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { silentLog } from '../ports/log.ts'
import { microUsd } from '../ports/money.ts'
import type { JobPatch, Store } from '../ports/store.ts'
import { createJobRunner } from './runner.ts'

const ID = sampleJobId(1)
const STEPS = ['gather', 'find', 'post']
const podLost = new ModelError({ code: 'crashed', message: 'The pod is gone.', remedy: 'None.', owner: 'retry' })

/** A store as one process sees it, which dies at its n-th boundary: right before or right after a call. Then nothing returns any more. */
function mortalStore(base: Store, diesAt: number): { readonly store: Store; readonly crossed: () => number } {
  let crossed = 0
  let dead = false
  let within = false
  const boundary = async () => {
    if (within) return
    crossed += 1
    if (crossed === diesAt) dead = true
    if (dead) await new Promise(() => {})
  }
  const mortal = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name, receiver) {
        const method = Reflect.get(target, name, receiver)
        if (typeof method !== 'function' || name === 'listen') return method
        return async (...values: unknown[]) => {
          await boundary()
          const answer = await method.apply(target, values)
          await boundary()
          return answer
        }
      },
    })
  const store: Store = {
    ...mortal(base),
    jobs: mortal(base.jobs),
    ledger: mortal(base.ledger),
    notify: mortal(base).notify,
    listen: base.listen,
    async transaction(body) {
      await boundary()
      const answer = await base.transaction(async (transaction) => {
        within = true
        try {
          return await body(transaction)
        } finally {
          within = false
        }
      })
      await boundary()
      return answer
    },
  }
  return { store, crossed: () => crossed }
}

/** Runs one job through processes that die at the given boundaries, until one lives to see its end. */
async function runThrough(deaths: readonly number[], fails: 'never' | 'user' | 'pod') {
  const clock = createFakeClock()
  const memory = createMemoryStore({ clock })
  const ends: JobPatch[] = []
  const base: Store = {
    ...memory,
    jobs: {
      ...memory.jobs,
      async update(id, fence, patch, transaction) {
        await memory.jobs.update(id, fence, patch, transaction)
        if (patch.endedAt !== undefined) ends.push(patch)
      },
    },
  }
  await base.jobs.create(sampleJob(1))
  const effects: string[] = []
  const again: string[] = []
  let told = 0
  let podLosses = fails === 'pod' ? 1 : 0
  let crossed = 0

  for (const diesAt of [...deaths, Number.POSITIVE_INFINITY]) {
    const process = mortalStore(base, diesAt)
    const runner = createJobRunner({ store: process.store, queue: createMemoryQueue({ clock }), clock, log: silentLog })
    runner.define({
      kind: 'review',
      parse: (request) => request,
      async run(context) {
        for (const name of STEPS) {
          await context.step(name, async () => {
            if ((await base.jobs.listSteps(ID)).has(name)) again.push(name)
            effects.push(name)
            if (name === 'find' && podLosses-- > 0) throw podLost
            return effects.length
          })
        }
        if (fails === 'user')
          throw new ModelError({ code: 'too-long', message: 'Too long.', remedy: 'Cut.', owner: 'user' })
        return { outcome: 'posted', result: null, costMicroUsd: microUsd(1) }
      },
      onFailed: async () => {
        told += 1
      },
    })
    void runner.start()
    await clock.advance(20_000)
    crossed = process.crossed()
  }
  return { row: await base.jobs.find(ID), ends, effects, again, told, crossed }
}

test('without a crash, a job has boundaries to crash at', async () => {
  const { crossed, row } = await runThrough([], 'never')
  expect(row?.state).toBe('done')
  expect(crossed).toBeGreaterThan(12)
})

test('a crash at every boundary, one after the other, loses nothing and does nothing twice', async () => {
  for (const fails of ['never', 'user', 'pod'] as const) {
    const { crossed } = await runThrough([], fails)
    for (let boundary = 1; boundary <= crossed; boundary++) {
      const { row, ends, again, told } = await runThrough([boundary], fails)
      const place = `${fails} at ${boundary}`
      expect([place, row?.state, ends.length, again]).toEqual([place, fails === 'user' ? 'failed' : 'done', 1, []])
      expect(told).toBeLessThanOrEqual(fails === 'user' ? 2 : 0)
    }
  }
})

test('crashes at random boundaries, several in a row, lose nothing and do nothing twice', async () => {
  const boundary = fc.integer({ min: 1, max: 30 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(boundary, { maxLength: 6 }),
      fc.constantFrom('never', 'user', 'pod'),
      async (deaths, fails) => {
        const { row, ends, effects, again } = await runThrough(deaths, fails)
        expect(row?.state).toBe(fails === 'user' ? 'failed' : 'done')
        expect(ends).toHaveLength(1)
        expect(again).toEqual([])
        expect(new Set(effects)).toEqual(new Set(STEPS))
      },
    ),
    { numRuns: 200 },
  )
})
