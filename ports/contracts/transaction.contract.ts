import { expect, test, vi } from 'vitest'
import type { Store } from '../store.ts'
import { NOW, sampleJob, sampleJobId } from './samples.ts'

export function transactionContract(get: () => Store): void {
  test('what a rejected transaction wrote is not there', async () => {
    const store = get()
    await store.jobs.create(sampleJob(1))
    await store.jobs.claim(sampleJobId(1), NOW)
    const failed = store.transaction(async (transaction) => {
      await store.jobs.create(sampleJob(2), transaction)
      await store.jobs.update(sampleJobId(1), 1, { state: 'running' }, transaction)
      throw new Error('change of mind')
    })
    await expect(failed).rejects.toThrow('change of mind')
    expect(await store.jobs.find(sampleJobId(2))).toBeUndefined()
    expect((await store.jobs.find(sampleJobId(1)))?.state).toBe('queued')
  })

  test('what a transaction wrote is there when it has ended', async () => {
    const store = get()
    const answer = await store.transaction(async (transaction) => {
      await store.jobs.create(sampleJob(1), transaction)
      return 'made'
    })
    expect(answer).toBe('made')
    expect(await store.jobs.find(sampleJobId(1))).toBeDefined()
  })

  test('a refusal within a transaction does not spoil the store', async () => {
    const store = get()
    await store.jobs.create(sampleJob(1))
    const failed = store.transaction((transaction) => store.jobs.create(sampleJob(1), transaction))
    await expect(failed).rejects.toMatchObject({ code: 'conflict' })
    await store.jobs.create(sampleJob(2))
    expect(await store.jobs.listOpen(10)).toHaveLength(2)
  })

  test('a signal wakes those who listen to its channel, until they stop', async () => {
    const store = get()
    const heard: string[] = []
    const stopJobs = store.listen('jobs', () => heard.push('jobs'))
    const stopPods = store.listen('pods', () => heard.push('pods'))
    await store.notify('jobs')
    await vi.waitFor(() => expect(heard).toContain('jobs'), { timeout: 900, interval: 5 })
    expect(heard).not.toContain('pods')
    stopJobs()
    stopPods()
  })

  test('a cancel is a signal of jobs', async () => {
    const store = get()
    await store.jobs.create(sampleJob(1))
    let woken = 0
    const stop = store.listen('jobs', () => {
      woken++
    })
    await store.jobs.requestCancel(sampleJobId(1))
    await vi.waitFor(() => expect(woken).toBeGreaterThan(0), { timeout: 900, interval: 5 })
    stop()
  })

  test('without any signal a listener is woken within about a second', async () => {
    const store = get()
    let woken = 0
    const stop = store.listen('events', () => {
      woken++
    })
    await vi.waitFor(() => expect(woken).toBeGreaterThan(0), { timeout: 3_000, interval: 20 })
    stop()
  })
}
