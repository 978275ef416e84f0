import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { repositoryName } from '../ids.ts'
import { microUsd } from '../money.ts'
import type { JobLimits, Json, Store } from '../store.ts'
import { DAY_START, NOW, sampleJob, sampleJobId } from './samples.ts'

const NO_LIMITS: JobLimits = {
  perUserPerDay: null,
  since: DAY_START,
  perUserConcurrent: null,
  perRepository: null,
  global: null,
}

export function jobsContract(get: () => Store): void {
  test('a job starts as queued, unclaimed and free of charge', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    expect(await jobs.find(sampleJobId(1))).toEqual({
      ...sampleJob(1),
      state: 'queued',
      fence: 0,
      infrastructureRetries: 0,
      cancelRequested: false,
      startedAt: null,
      endedAt: null,
      outcome: null,
      error: null,
      result: null,
      costMicroUsd: 0,
    })
    expect(await jobs.find(sampleJobId(2))).toBeUndefined()
  })

  test('an id is used once', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    await expect(jobs.create(sampleJob(1))).rejects.toMatchObject({ code: 'conflict' })
  })

  test('jobs are listed newest first, page by page, and by what they are', async () => {
    const { jobs } = get()
    const other = repositoryName.parse('acme/other')
    for (const n of [1, 2, 3, 4]) await jobs.create(sampleJob(n, n === 3 ? { repository: other, kind: 'infer' } : {}))
    const ids = async (...args: Parameters<typeof jobs.list>) =>
      (await jobs.list(...args)).map((row) => row.pullRequest)
    expect(await ids({}, 2)).toEqual([4, 3])
    expect(await ids({}, 2, sampleJobId(3))).toEqual([2, 1])
    expect(await ids({ repository: other }, 10)).toEqual([3])
    expect(await ids({ kind: 'review', pullRequest: 2 }, 10)).toEqual([2])
    expect(await ids({ state: 'running' }, 10)).toEqual([])
  })

  test('what the newest jobs of a kind answered comes alone, newest first', async () => {
    const { jobs } = get()
    for (const n of [1, 2, 3, 4]) await jobs.create(sampleJob(n, n === 2 ? {} : { kind: 'infer' }))
    await jobs.claim(sampleJobId(3), NOW)
    await jobs.update(sampleJobId(3), 1, { result: { timing: { inferMs: 7 } } })
    expect(await jobs.listResults('infer', 2)).toEqual([
      { id: sampleJobId(4), result: null },
      { id: sampleJobId(3), result: { timing: { inferMs: 7 } } },
    ])
    expect(await jobs.listResults('review', 2)).toEqual([{ id: sampleJobId(2), result: null }])
  })

  test('work that was over before is written at once, counted like any other, and never open', async () => {
    const { jobs } = get()
    const ended = (n: number, outcome: string) => ({
      ...sampleJob(n, { kind: 'infer' as const, requestedBy: 'key:agent', request: { model: 'm' } }),
      state: 'done' as const,
      startedAt: NOW,
      endedAt: NOW + 5,
      outcome,
      result: { usage: { promptTokens: n } },
      costMicroUsd: microUsd(n),
    })
    await jobs.addEnded([ended(1, 'answered'), ended(2, 'failed'), ended(3, 'answered')])
    await jobs.addEnded([ended(4, 'answered')])
    expect(await jobs.find(sampleJobId(2))).toMatchObject({ ...ended(2, 'failed'), fence: 0, cancelRequested: false })
    expect(await jobs.countByOutcome(0)).toEqual({ answered: 3, failed: 1 })
    expect(await jobs.listOpen(10)).toEqual([])
    await expect(jobs.addEnded([ended(5, 'answered'), ended(1, 'answered')])).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await jobs.find(sampleJobId(5))).toBeUndefined()
    expect(await jobs.countByOutcome(0)).toEqual({ answered: 3, failed: 1 })
  })

  test('a claim moves the fence, and the claimer before is refused', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    const first = await jobs.claim(sampleJobId(1), NOW + 10)
    const second = await jobs.claim(sampleJobId(1), NOW + 20)
    expect([first?.fence, second?.fence, second?.startedAt]).toEqual([1, 2, NOW + 10])
    await expect(jobs.update(sampleJobId(1), 1, { state: 'running' })).rejects.toMatchObject({ code: 'fence-lost' })
    await expect(jobs.recordStep(sampleJobId(1), 1, 'gather', {})).rejects.toMatchObject({ code: 'fence-lost' })
    await jobs.update(sampleJobId(1), 2, { state: 'publishing' })
    expect((await jobs.find(sampleJobId(1)))?.state).toBe('publishing')
  })

  test('an ended job is not claimed again, nor is one that never was', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    await jobs.claim(sampleJobId(1), NOW)
    await jobs.update(sampleJobId(1), 1, {
      state: 'done',
      outcome: 'posted',
      endedAt: NOW + 5,
      result: { findings: 2 },
      costMicroUsd: microUsd(1_234),
      error: null,
    })
    expect(await jobs.claim(sampleJobId(1), NOW)).toBeUndefined()
    expect(await jobs.claim(sampleJobId(2), NOW)).toBeUndefined()
    expect(await jobs.find(sampleJobId(1))).toMatchObject({
      outcome: 'posted',
      result: { findings: 2 },
      costMicroUsd: 1_234,
      endedAt: NOW + 5,
    })
  })

  test('an update of a job that is not there says so', async () => {
    await expect(get().jobs.update(sampleJobId(9), 1, {})).rejects.toMatchObject({ code: 'not-found' })
  })

  test('claims at the same time get different fences', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    const claims = await Promise.all(Array.from({ length: 8 }, () => jobs.claim(sampleJobId(1), NOW)))
    expect(claims.map((row) => row?.fence).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('a step keeps its first value', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    await jobs.claim(sampleJobId(1), NOW)
    expect(await jobs.recordStep(sampleJobId(1), 1, 'find', { calls: 3 })).toEqual({ calls: 3 })
    expect(await jobs.recordStep(sampleJobId(1), 1, 'find', { calls: 4 })).toEqual({ calls: 3 })
    expect(await jobs.recordStep(sampleJobId(1), 1, 'nothing', null)).toBeNull()
    expect(await jobs.listSteps(sampleJobId(1))).toEqual(
      new Map<string, Json>([
        ['find', { calls: 3 }],
        ['nothing', null],
      ]),
    )
    expect(await jobs.listSteps(sampleJobId(2))).toEqual(new Map())
  })

  test('a step value of any kind comes back as it was', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    await jobs.claim(sampleJobId(1), NOW)
    let count = 0
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
        const step = `step-${count++}`
        const plain = JSON.parse(JSON.stringify(value)) as Json
        expect(await jobs.recordStep(sampleJobId(1), 1, step, plain)).toEqual(plain)
        expect((await jobs.listSteps(sampleJobId(1))).get(step)).toEqual(plain)
      }),
      { numRuns: 40, examples: [['\u0000'], ['\ud800'], [[]], ['5'], [{ a: ['\u0000'] }]] },
    )
  })

  test('events come back in the order they were added', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    const events = ['rent', 'boot', 'post'].map((kind) => ({ at: NOW, kind, text: `${kind}\u0000!`, facts: { kind } }))
    for (const event of events) await jobs.addEvent(sampleJobId(1), event)
    const listed = await jobs.listEvents(sampleJobId(1))
    expect(listed.map((event) => event.kind)).toEqual(['rent', 'boot', 'post'])
    expect(listed[0]?.facts).toEqual({ kind: 'rent' })
  })

  test('a cancel is remembered, but not for a job that has ended', async () => {
    const { jobs } = get()
    await jobs.create(sampleJob(1))
    await jobs.create(sampleJob(2))
    await jobs.claim(sampleJobId(2), NOW)
    await jobs.update(sampleJobId(2), 1, { state: 'done', endedAt: NOW })
    await jobs.requestCancel(sampleJobId(1))
    await jobs.requestCancel(sampleJobId(2))
    expect((await jobs.find(sampleJobId(1)))?.cancelRequested).toBe(true)
    expect((await jobs.find(sampleJobId(2)))?.cancelRequested).toBe(false)
  })

  test('open jobs are listed oldest first, and counted by user and by outcome', async () => {
    const { jobs } = get()
    for (const n of [1, 2, 3]) await jobs.create(sampleJob(n))
    await jobs.create(sampleJob(4, { requestedBy: 'bob', createdAt: NOW - 86_400_000 }))
    await jobs.claim(sampleJobId(2), NOW)
    await jobs.update(sampleJobId(2), 1, { state: 'done', outcome: 'clean', endedAt: NOW })
    await jobs.claim(sampleJobId(4), NOW)
    await jobs.update(sampleJobId(4), 1, { state: 'failed', endedAt: NOW })
    expect((await jobs.listOpen(10)).map((row) => row.pullRequest)).toEqual([1, 3])
    expect(await jobs.countByUser('ada', DAY_START)).toEqual({ created: 3, open: 2, costMicroUsd: 0 })
    expect(await jobs.countByUser('eve', DAY_START)).toEqual({ created: 0, open: 0, costMicroUsd: 0 })
    expect(await jobs.countByOutcome(DAY_START)).toEqual({ clean: 1, queued: 2 })
    expect(await jobs.countByOutcome(NOW + 3)).toEqual({ queued: 1 })
    expect(await jobs.countByOutcome(0)).toEqual({ clean: 1, failed: 1, queued: 2 })
  })

  test('pruning drops jobs that ended long ago with all that belongs to them, and no other', async () => {
    const { jobs } = get()
    for (const n of [1, 2, 3]) await jobs.create(sampleJob(n))
    for (const n of [1, 2]) {
      await jobs.claim(sampleJobId(n), NOW)
      await jobs.recordStep(sampleJobId(n), 1, 'gather', { read: n })
      await jobs.addEvent(sampleJobId(n), { at: NOW, kind: 'rent', text: 'rents', facts: null })
      await jobs.update(sampleJobId(n), 1, { state: 'done', outcome: 'clean', endedAt: NOW + n * 1_000 })
    }
    expect(await jobs.prune(NOW + 1_500)).toBe(1)
    expect(await jobs.prune(NOW + 1_500)).toBe(0)
    expect((await jobs.list({}, 10)).map((row) => row.pullRequest)).toEqual([3, 2])
    expect([(await jobs.listSteps(sampleJobId(1))).size, (await jobs.listEvents(sampleJobId(1))).length]).toEqual([
      0, 0,
    ])
    expect([(await jobs.listSteps(sampleJobId(2))).size, (await jobs.listEvents(sampleJobId(2))).length]).toEqual([
      1, 1,
    ])
  })

  describe('limits', () => {
    test.each([
      ['perUserPerDay', 2],
      ['perUserConcurrent', 2],
      ['perRepository', 2],
      ['global', 2],
    ] as const)('%s stops the job that would be one too many', async (limit, allowed) => {
      const { jobs } = get()
      const limits = { ...NO_LIMITS, [limit]: allowed }
      await jobs.create(sampleJob(1), undefined, limits)
      await jobs.create(sampleJob(2), undefined, limits)
      await expect(jobs.create(sampleJob(3), undefined, limits)).rejects.toMatchObject({
        code: 'limit-reached',
        facts: { limit, allowed },
      })
      expect(await jobs.find(sampleJobId(3))).toBeUndefined()
    })

    test('two at once cannot both be the last', async () => {
      const { jobs } = get()
      const limits = { ...NO_LIMITS, perUserConcurrent: 3 }
      const made = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) => jobs.create(sampleJob(n), undefined, limits)),
      )
      expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(3)
    })

    test('an ended job makes room, and a limit of nobody counts nobody', async () => {
      const { jobs } = get()
      const limits = { ...NO_LIMITS, perUserConcurrent: 1, perRepository: 1 }
      await jobs.create(sampleJob(1), undefined, limits)
      await jobs.claim(sampleJobId(1), NOW)
      await jobs.update(sampleJobId(1), 1, { state: 'done', endedAt: NOW })
      await jobs.create(sampleJob(2), undefined, limits)
      const nobodys = { requestedBy: null, repository: null }
      await jobs.create(sampleJob(3, nobodys), undefined, limits)
      await jobs.create(sampleJob(4, nobodys), undefined, limits)
      expect(await jobs.listOpen(10)).toHaveLength(3)
    })
  })
}
