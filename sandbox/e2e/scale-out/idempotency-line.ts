import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { startCluster } from './cluster.ts'
import type { Effort, Finding } from './line.ts'
import { ask, createKey } from './visitor.ts'

const ROUNDS = 5

const page = z.object({ jobs: z.array(z.object({ id: z.string() })) })

/** A client, and a balancer that sends everything to two replicas, ask for the same thing at once, with and without saying that it is the same. */
export async function lookAtIdempotency(effort: Effort, hasKey: boolean): Promise<Finding> {
  const cluster = await startCluster({ ...effort, balancer: { replays: true } })
  try {
    cluster.world.runpod.setChaos({ noCapacity: 1 })
    const { key } = await createKey(cluster, 'twice')
    const statuses: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const once: Record<string, string> = hasKey ? { 'idempotency-key': randomUUID() } : {}
      const answers = await Promise.all(
        [...cluster.replicas, cluster.balancer].map((at) =>
          ask({ url: String(at.url) }, key, '/infer', {
            method: 'POST',
            headers: { prefer: 'respond-async', ...once },
            body: JSON.stringify({ prompt: `Question ${round}` }),
          }),
        ),
      )
      statuses.push(...answers.map(({ status }) => status))
    }
    const { jobs } = page.parse(await (await ask(cluster.balancer, key, '/jobs?limit=100')).json())
    for (const { id } of jobs) await ask(cluster.balancer, key, `/jobs/${id}`, { method: 'DELETE' })
    const odd = statuses.filter((status) => status !== 202 && status !== 409)
    return {
      figures: {
        requests: ROUNDS,
        'sent to replicas': ROUNDS * (cluster.replicas.length + 2),
        jobs: jobs.length,
        'answered 202': statuses.filter((status) => status === 202).length,
        'answered 409': statuses.filter((status) => status === 409).length,
      },
      faults: [
        ...(jobs.length === ROUNDS ? [] : [`${jobs.length} jobs of ${ROUNDS} requests`]),
        ...(odd.length === 0 ? [] : [`answers of ${[...new Set(odd)].join(', ')}`]),
      ],
    }
  } finally {
    await cluster.stop()
  }
}
