import { describe, expect, test } from 'vitest'
import { createMemoryQueue } from '../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { HEAD_SHA, sampleJob, sampleJobId } from '../ports/contracts/samples.ts'
import { type CodedError, GithubError, ModelError, StoreError } from '../ports/errors.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { silentLog } from '../ports/log.ts'
import { microUsd } from '../ports/money.ts'
import type { Store } from '../ports/store.ts'
import type { JobContext, JobDefinition, JobEnd } from './definition.ts'
import { JobStop } from './job-stop.ts'
import { createJobRunner } from './runner.ts'

const START = Date.UTC(2026, 10, 21, 12)
const POSTED: JobEnd = { outcome: 'posted', result: { findings: 1 }, costMicroUsd: microUsd(42) }
const ID = sampleJobId(1)

type Run = (context: JobContext<unknown>, attempt: number) => Promise<JobEnd>

function world(run: Run, over: Partial<JobDefinition<unknown>> = {}, store?: Store) {
  const clock = createFakeClock(START)
  return worldAt(clock, run, over, store ?? createMemoryStore({ clock }))
}

function worldAt(
  clock: ReturnType<typeof createFakeClock>,
  run: Run,
  over: Partial<JobDefinition<unknown>>,
  store: Store,
) {
  const queue = createMemoryQueue({ clock })
  const runner = createJobRunner({ store, queue, clock, log: silentLog })
  const told: CodedError[] = []
  let attempts = 0
  runner.define({
    kind: 'review',
    parse: (request) => request,
    run: (context) => run(context, ++attempts),
    onFailed: async (_, error) => void told.push(error),
    ...over,
  })
  const ended = async () => {
    let over = false
    const look = async () => {
      over = ((await store.jobs.find(ID))?.endedAt ?? null) !== null
    }
    for (let turn = 0; turn < 5_000 && !over; turn++) {
      await clock.advance(100)
      await look()
    }
    const row = await store.jobs.find(ID)
    if (row === undefined || !over) throw new Error('the job does not end')
    return row
  }
  return { clock, store, queue, runner, told, ended, attempts: () => attempts }
}

async function started(run: Run, over: Partial<JobDefinition<unknown>> = {}) {
  const made = world(run, over)
  await made.runner.start()
  await made.runner.createJob(sampleJob(1))
  return made
}

function untilStopped(context: JobContext<unknown>): Promise<never> {
  return new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason)))
}

const github = (owner: 'user' | 'retry', code: 'unavailable' | 'conflict' = 'unavailable') =>
  new GithubError({ code, message: 'GitHub answered 502.', remedy: 'Wait.', owner })
const podLost = () => new ModelError({ code: 'crashed', message: 'The pod is gone.', remedy: 'None.', owner: 'retry' })

test('a job ends with what its body answers', async () => {
  const { ended, store, told } = await started(async (context) => {
    await context.setState('running')
    await context.event('rent', 'A pod is rented.', { pod: 'p' })
    return POSTED
  })
  expect(await ended()).toMatchObject({ state: 'done', outcome: 'posted', result: { findings: 1 }, costMicroUsd: 42 })
  expect(await store.jobs.listEvents(ID)).toMatchObject([
    { kind: 'rent', text: 'A pod is rented.', facts: { pod: 'p' } },
  ])
  expect(told).toEqual([])
})

test('an outcome of failed is a failed job', async () => {
  const { ended } = await started(async () => ({ ...POSTED, outcome: 'failed' }))
  expect(await ended()).toMatchObject({ state: 'failed', outcome: 'failed' })
})

test('a finished step is not run again by the next attempt', async () => {
  const ran: string[] = []
  const { ended, attempts } = await started(async (context, attempt) => {
    const hunks = await context.step('gather', async () => {
      ran.push('gather')
      return attempt
    })
    await context.step('find', async () => {
      ran.push('find')
      if (attempt === 1) throw github('retry')
      return null
    })
    return { ...POSTED, result: hunks }
  })
  expect((await ended()).result).toBe(1)
  expect(ran).toEqual(['gather', 'find', 'find'])
  expect(attempts()).toBe(2)
})

test('one step asked for twice at once runs once', async () => {
  let ran = 0
  const { ended } = await started(async (context) => {
    const step = () => context.step('call', async () => ++ran)
    return { ...POSTED, result: await Promise.all([step(), step()]) }
  })
  expect((await ended()).result).toEqual([1, 1])
})

describe('failures', () => {
  test('a mistake of the user ends the job at once, and the user is told once', async () => {
    const { ended, told, attempts } = await started(async () => {
      throw github('user')
    })
    expect(await ended()).toMatchObject({
      state: 'failed',
      outcome: 'failed',
      error: { code: 'unavailable', message: 'GitHub answered 502.', remedy: 'Wait.' },
    })
    expect(attempts()).toBe(1)
    expect(told).toHaveLength(1)
  })

  test('what may pass is tried four times, then the user is told of the last failure', async () => {
    const { ended, told, attempts } = await started(async () => {
      throw github('retry', 'conflict')
    })
    expect((await ended()).error?.code).toBe('conflict')
    expect(attempts()).toBe(4)
    expect(told).toHaveLength(1)
  })

  test('a GitHub that is away for half an hour is waited out', async () => {
    const { clock, ended, told } = await started(async () => {
      if (clock.now() < START + 30 * 60_000) throw github('retry')
      return POSTED
    })
    await clock.advance(29 * 60_000)
    expect(await ended()).toMatchObject({ state: 'done', outcome: 'posted' })
    expect(told).toEqual([])
  })

  test.each([
    ['a full disk', 'unwritable', {}],
    ['a lost connection', 'unavailable', { isLost: true }],
  ] as const)('%s that lasts half an hour is waited out', async (_, code, facts) => {
    const { clock, ended, told } = await started(async () => {
      if (clock.now() < START + 30 * 60_000)
        throw new StoreError({ code, message: 'The database has no room left.', remedy: 'r', owner: 'retry', facts })
      return POSTED
    })
    await clock.advance(29 * 60_000)
    expect(await ended()).toMatchObject({ state: 'done', outcome: 'posted' })
    expect(told).toEqual([])
  })

  test('a GitHub that stays away ends the job by its deadline, and the user is told when it is back', async () => {
    const backAt = START + 24 * 3_600_000
    const told: string[] = []
    const { clock, ended, store } = await started(
      async () => {
        throw github('retry')
      },
      {
        onFailed: async (_, error) => {
          if (clock.now() < backAt) throw github('retry')
          told.push(error.message)
        },
      },
    )
    await clock.advance(backAt - START - 60_000)
    expect(await store.jobs.find(ID)).toMatchObject({ state: 'publishing', endedAt: null })
    expect(await ended()).toMatchObject({ state: 'failed', error: { code: 'unavailable' } })
    expect(told).toEqual(['GitHub answered 502.'])
  })

  test('a bug ends as a failure with a sentence', async () => {
    const { ended } = await started(async () => {
      throw new TypeError('x is not a function')
    })
    expect((await ended()).error).toMatchObject({
      code: 'gave-up',
      message: 'The job failed at every try: x is not a function.',
    })
  })

  test('a lost pod is tried twice more, apart from other failures', async () => {
    const { ended, attempts, store } = await started(async () => {
      throw podLost()
    })
    expect(await ended()).toMatchObject({ state: 'failed', error: { code: 'crashed' }, infrastructureRetries: 2 })
    expect(attempts()).toBe(3)
    expect((await store.jobs.listOpen(5)).length).toBe(0)
  })

  test('a job that finds a pod again after two losses is done', async () => {
    const { ended } = await started(async (_, attempt) => {
      if (attempt <= 2) throw podLost()
      return POSTED
    })
    expect(await ended()).toMatchObject({ state: 'done', infrastructureRetries: 2 })
  })

  test('a request that cannot be read fails for good', async () => {
    const { ended, attempts } = await started(async () => POSTED, {
      parse: () => {
        throw new Error('focus is not a text')
      },
    })
    expect((await ended()).error).toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('focus is not a text'),
    })
    expect(attempts()).toBe(0)
  })

  test('a person who cannot be told does not keep the job open', async () => {
    const { ended } = await started(
      async () => {
        throw github('user')
      },
      {
        onFailed: async () => {
          throw new Error('GitHub is down')
        },
      },
    )
    expect((await ended()).state).toBe('failed')
  })
})

describe('a stop', () => {
  test('a cancel reaches a running job within a second', async () => {
    const { clock, store, ended, told } = await started(untilStopped)
    await clock.advance(500)
    await store.jobs.requestCancel(ID)
    await clock.advance(1_000)
    expect(await ended()).toMatchObject({ state: 'cancelled', outcome: null, error: { code: 'cancelled' } })
    expect(told.map((error) => error.code)).toEqual(['cancelled'])
  })

  test('a job that was cancelled while it waited is never run', async () => {
    const made = world(async () => POSTED)
    await made.runner.createJob(sampleJob(1))
    await made.store.jobs.requestCancel(ID)
    await made.runner.start()
    expect((await made.ended()).state).toBe('cancelled')
    expect(made.attempts()).toBe(0)
  })

  test('a job that is not done by its deadline fails', async () => {
    const { ended, clock } = await started(untilStopped)
    const row = await ended().catch(async () => {
      await clock.advance(3_600_000)
      return ended()
    })
    expect(row).toMatchObject({ state: 'failed', error: { code: 'deadline' } })
  })

  test('a body that does not listen is left behind and can record nothing more', async () => {
    const late = Promise.withResolvers<void>()
    const outcome = Promise.withResolvers<unknown>()
    const { clock, store, ended } = await started(async (context) => {
      await late.promise
      await context.step('late', async () => 1).catch(outcome.resolve)
      return POSTED
    })
    await clock.advance(10)
    await store.jobs.requestCancel(ID)
    expect((await ended()).state).toBe('cancelled')
    late.resolve()
    expect(await outcome.promise).toMatchObject({ code: 'fence-lost' })
    expect((await store.jobs.listSteps(ID)).has('late')).toBe(false)
  })

  test('a drained job goes on in the next process where it was', async () => {
    const reasons: unknown[] = []
    const first = await started(async (context) => {
      await context.step('gather', async () => 'from the first')
      context.signal.addEventListener('abort', () => reasons.push(context.signal.reason))
      return untilStopped(context)
    })
    await first.clock.advance(100)
    const stopped = first.queue.stop(1_000)
    await first.clock.advance(4_000)
    await stopped
    first.runner.close()
    expect(reasons).toEqual([new JobStop('drain')])
    expect((await first.store.jobs.find(ID))?.state).toBe('queued')

    const second = worldAt(
      first.clock,
      async (context) => ({ ...POSTED, result: await context.step('gather', async () => 'again') }),
      {},
      first.store,
    )
    await second.runner.start()
    expect(await second.ended()).toMatchObject({ state: 'done', result: 'from the first', infrastructureRetries: 0 })
    expect([...first.told, ...second.told]).toEqual([])
  })
})

test('a zombie can neither record nor write outside once another has the job', async () => {
  const resumed = Promise.withResolvers<void>()
  const refusals: unknown[] = []
  const { clock, store, runner } = await started(async (context) => {
    await resumed.promise
    await context.assertOwned().catch((error) => refusals.push(error))
    await context.step('post', async () => 1).catch((error) => refusals.push(error))
    throw refusals[0]
  })
  await clock.advance(10)
  await store.jobs.claim(ID, clock.now())
  resumed.resolve()
  await clock.advance(10)
  expect(refusals).toMatchObject([{ code: 'fence-lost' }, { code: 'fence-lost' }])
  expect(await store.jobs.find(ID)).toMatchObject({ state: 'queued', fence: 2, endedAt: null })
  runner.close()
})

test('a lost fence of something else does not leave the job lying', async () => {
  const { ended, attempts } = await started(async (_, attempt) => {
    if (attempt === 1) throw new StoreError({ code: 'fence-lost', message: 'pod', remedy: 'none', owner: 'retry' })
    return POSTED
  })
  expect((await ended()).state).toBe('done')
  expect(attempts()).toBe(2)
})

test('a paid result outlives a database that is away for half a minute', async () => {
  const clock = createFakeClock(START)
  const store = createMemoryStore({ clock })
  const backAt = START + 30_000
  const away = new StoreError({ code: 'unavailable', message: 'm', remedy: 'r', owner: 'retry' })
  const recordStep: Store['jobs']['recordStep'] = async (...args) => {
    if (clock.now() < backAt) throw away
    return store.jobs.recordStep(...args)
  }
  let paid = 0
  const made = worldAt(
    clock,
    async (context) => {
      await context.step('model call', async () => ++paid)
      return POSTED
    },
    {},
    { ...store, jobs: { ...store.jobs, recordStep } },
  )
  await made.runner.start()
  await made.runner.createJob(sampleJob(1))
  expect((await made.ended()).state).toBe('done')
  expect(paid).toBe(1)
})

test('a job over a limit is neither stored nor sent', async () => {
  const { runner, store, queue } = world(async () => POSTED)
  const limits = { perUserPerDay: 1, since: START - 1, perUserConcurrent: null, perRepository: null, global: null }
  await runner.createJob(sampleJob(1), limits)
  await expect(runner.createJob(sampleJob(2, { headSha: HEAD_SHA }), limits)).rejects.toMatchObject({
    code: 'limit-reached',
  })
  await expect(runner.createJob(sampleJob(1), undefined)).rejects.toMatchObject({ code: 'conflict' })
  expect((await queue.depth()).review.waiting).toBe(1)
  expect(await store.jobs.listOpen(5)).toHaveLength(1)
})
