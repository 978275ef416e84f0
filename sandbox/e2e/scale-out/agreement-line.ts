import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { until } from '../__support__/until.ts'
import { type Cluster, startCluster } from './cluster.ts'
import type { Effort, Finding } from './line.ts'
import type { Replica } from './replica.ts'
import { ask, createKey, logIn } from './visitor.ts'

/** Longer than any of the stated bounds; what takes this long does not come. */
const LIMIT_MS = 15_000
const JOBS = 3
const CANCELLED = 'cancelled'

const jobs = z.object({ jobs: z.array(z.object({ id: z.string(), state: z.string() })) })
const status = z.object({
  queue: z.unknown(),
  cost: z.unknown(),
  pods: z.array(z.object({ name: z.string(), state: z.string() })),
})

/** The same questions to each replica, about work that another has in its hands. */
export async function lookAtAgreement(effort: Effort, isApart: boolean): Promise<Finding> {
  const cluster = await startCluster({ ...effort, apart: isApart })
  try {
    // No GPU to be had: jobs wait until they are cancelled.
    cluster.world.runpod.setChaos({ noCapacity: 1 })
    const { key } = await createKey(cluster, 'agreement')
    const faults: string[] = []
    const within = async (what: string, look: () => Promise<boolean>): Promise<number | string> => {
      const startedAt = performance.now()
      try {
        await until(what, look, LIMIT_MS)
        return Math.round(performance.now() - startedAt)
      } catch {
        faults.push(`${what}: not within ${LIMIT_MS / 1_000} s`)
        return 'never'
      }
    }
    const ids: string[] = []
    const makeJob = async () => {
      const answer = await createJob(cluster, key)
      if (answer.success) ids.push(answer.data.id)
      else faults.push('a replica did not know the key, and made no job')
    }
    for (let index = 0; index < JOBS; index++) await makeJob()
    const all = (look: (replica: Replica) => Promise<unknown>) => Promise.all(cluster.replicas.map(look))
    const listed = await within('the same list of jobs everywhere', async () => {
      const lists = await all((replica) => listJobs(replica, key))
      return lists.every((list) => isDeepStrictEqual(list, lists[0]) && JSON.stringify(list).includes(ids[0] ?? '?'))
    })
    const pages = await openPages(cluster, key).catch((error: Error) => {
      faults.push(error.message)
      return []
    })
    await makeJob()
    const told = await within(
      'news on every open page',
      async () => pages.length > 0 && pages.every(({ count }) => count() > 0),
    )
    for (const page of pages) page.close()
    const cancelled = await within('every job cancelled, wherever it was asked for', async () => {
      for (const [index, id] of ids.entries()) {
        const replica = cluster.replicas[index % cluster.replicas.length]
        if (replica !== undefined) await ask(replica, key, `/jobs/${id}`, { method: 'DELETE' })
      }
      const lists = await all((replica) => listJobs(replica, key))
      return lists.every((list) => isAllCancelled(list))
    })
    const agreed = await within('the same status everywhere', async () => {
      const answers = await all(async (replica) => status.parse(await (await ask(replica, key, '/status')).json()))
      return answers.every((answer) => isDeepStrictEqual(answer, answers[0]))
    })
    return {
      figures: {
        'jobs list ms': listed,
        'open pages ms': told,
        'cancel ms': cancelled,
        'status ms': agreed,
      },
      faults,
    }
  } finally {
    await cluster.stop()
  }
}

async function createJob(cluster: Cluster, key: string) {
  const answer = await ask(cluster.balancer, key, '/infer', {
    method: 'POST',
    headers: { prefer: 'respond-async' },
    body: JSON.stringify({ prompt: 'Say yes.' }),
  })
  return z.object({ id: z.string() }).safeParse(await answer.json())
}

async function listJobs(replica: Replica, key: string) {
  return jobs
    .parse(await (await ask(replica, key, '/jobs?kind=infer')).json())
    .jobs.map(({ id, state }) => ({ id, state }))
}

function isAllCancelled(list: unknown): boolean {
  return z
    .array(z.object({ state: z.literal(CANCELLED) }))
    .min(JOBS + 1)
    .safeParse(list).success
}

/** One page per replica, all by the session of the first. */
async function openPages({ replicas }: Cluster, key: string) {
  const [first] = replicas
  if (first === undefined) return []
  const cookie = await logIn(first, key)
  return Promise.all(replicas.map((replica) => openPage(replica, cookie)))
}

async function openPage(replica: Replica, cookie: string) {
  const closing = new AbortController()
  const answer = await fetch(`${replica.url}/dashboard/events`, { headers: { cookie }, signal: closing.signal })
  if (!answer.ok || answer.body === null)
    throw new Error(`replica ${replica.index} does not know the session of the first: ${answer.status}`)
  let changes = 0
  const read = async () => {
    const decoder = new TextDecoder()
    for await (const piece of answer.body ?? []) changes += decoder.decode(piece).includes('event: change') ? 1 : 0
  }
  read().catch(() => {})
  return { count: () => changes, close: () => closing.abort() }
}
