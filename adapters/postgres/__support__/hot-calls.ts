import { type JobId, jobId, repositoryName } from '../../../ports/ids.ts'
import type { Queue } from '../../../ports/queue.ts'
import type { Store } from '../../../ports/store.ts'
import { fetchMessages } from '../fetch-messages.ts'
import type { Database } from '../sql.ts'

export interface HotWorld {
  readonly store: Store
  readonly queue: Queue
  readonly database: Pick<Database, 'query'>
  /** How many ended jobs are stored; their ids count from 1. */
  readonly jobs: number
  readonly now: number
}

export interface HotCall {
  readonly name: string
  call(world: HotWorld): Promise<unknown>
}

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const REPOSITORY = repositoryName.parse('acme/r7')
const pastJob = (n: number): JobId => jobId.parse(`01${String(n).padStart(24, '0')}`)
const openJob = (n: number): JobId => jobId.parse(`02${String(n).padStart(24, '0')}`)
const monthOf = (now: number) => Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth(), 1)

/** What a server asks while it works, and what people look at: none of it may cost more for a long past. */
export const HOT_CALLS: readonly HotCall[] = [
  { name: 'fetch a message', call: ({ database }) => fetchMessages(database, 'infer', 1) },
  {
    name: 'is the key busy',
    call: ({ queue }) => queue.send('infer', { subject: 'x', key: 'k7' }, { coalesce: true }),
  },
  { name: 'is the message there', call: ({ queue }) => queue.sendMissing('infer', [MESSAGE]) },
  { name: 'depth of the queues', call: ({ queue }) => queue.depth() },
  { name: 'claim a job', call: ({ store, now }) => store.jobs.claim(openJob(3), now) },
  { name: 'find a job', call: ({ store, jobs }) => store.jobs.find(pastJob(Math.ceil(jobs / 2))) },
  { name: 'write a job', call: ({ store, jobs }) => store.jobs.update(pastJob(jobs), 1, { state: 'done' }) },
  { name: 'open jobs', call: ({ store }) => store.jobs.listOpen(1_000) },
  { name: 'newest jobs', call: ({ store }) => store.jobs.list({}, 10) },
  { name: 'next page of jobs', call: ({ store, jobs }) => store.jobs.list({}, 10, pastJob(Math.ceil(jobs / 2))) },
  { name: 'jobs of a repository', call: ({ store }) => store.jobs.list({ repository: REPOSITORY }, 10) },
  { name: 'jobs of a kind', call: ({ store }) => store.jobs.list({ kind: 'review' }, 10) },
  { name: 'jobs of an outcome', call: ({ store }) => store.jobs.list({ outcome: 'failed' }, 10) },
  { name: 'jobs of a state', call: ({ store }) => store.jobs.list({ state: 'failed' }, 10) },
  { name: 'jobs of a user today', call: ({ store, now }) => store.jobs.countByUser('u7', now - DAY_MS) },
  {
    name: 'outcomes of two months',
    call: ({ store, now }) => store.jobs.countByOutcome(now - (now % DAY_MS) - 60 * DAY_MS),
  },
  { name: 'timeline of a job', call: ({ store, jobs }) => store.jobs.listEvents(pastJob(Math.ceil(jobs / 2))) },
  { name: 'budget of the day', call: ({ store, now }) => store.ledger.committed(now - HOUR_MS) },
  { name: 'costs since a job began', call: ({ store, now }) => store.ledger.jobCosts(now - HOUR_MS) },
  {
    name: 'sums of day and month',
    call: ({ store, now }) => {
      const day = now - (now % DAY_MS)
      return store.ledger.totals({ day, month: monthOf(now), recent: day - 7 * DAY_MS })
    },
  },
  { name: 'answers of a kind', call: ({ store }) => store.jobs.listResults('infer', 10) },
]
const MESSAGE = { subject: openJob(5), key: 'k5' }
