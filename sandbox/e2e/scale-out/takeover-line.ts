import { setTimeout as sleep } from 'node:timers/promises'
import { FLEET_TIMINGS } from '../../../fleet/timings.ts'
import { FAST_TIMINGS } from '../chaos/fast-timings.ts'
import { type OpenChange, openChange } from '../__support__/open-change.ts'
import { said } from '../__support__/said.ts'
import { until } from '../__support__/until.ts'
import type { BreakName } from './broken.ts'
import { type Cluster, startCluster } from './cluster.ts'
import type { Effort, Finding } from './line.ts'
import { findLeader, listTerms } from './terms.ts'

/** The promise, for the lease of 15 s that a server has. */
const PROMISED_MS = 20_000
const POLL_MS = 20
const GIVEN_BACK_WITHIN_MS = 90_000
/** Golden ratio: kills fall on every part of the lease's life, evenly and without chance. */
const SPREAD = 0.618_034

/** The leader is killed again and again, the first time with a pod rented. */
export async function lookAtTakeover(effort: Effort, broken: readonly BreakName[]): Promise<Finding> {
  const leaseMs = effort.quick ? FAST_TIMINGS.leaseMs : FLEET_TIMINGS.leaseMs
  const promisedMs = (PROMISED_MS * leaseMs) / FLEET_TIMINGS.leaseMs
  const cluster = await startCluster({ ...effort, broken })
  try {
    const change = await openChange(cluster.world, 'acme/orders')
    await until('the first leader', () => findLeader(cluster))
    change.ada.comment(change.number, '/devloop review')
    await until('a pod', () => cluster.world.runpod.livePods().length > 0, GIVEN_BACK_WITHIN_MS)
    const waits: number[] = []
    const faults: string[] = []
    for (let kill = 0; kill < effort.kills; kill++) {
      if (kill > 0) await sleep(((kill * SPREAD) % 1) * (leaseMs / 3))
      const waitedMs = await killLeader(cluster, promisedMs)
      if (waitedMs === undefined) faults.push(`nobody led ${Math.round(promisedMs)} ms after the leader was killed`)
      else waits.push(waitedMs)
      if (waitedMs === undefined) break
    }
    const left = await givenBack(cluster, change, faults.length > 0 ? promisedMs : GIVEN_BACK_WITHIN_MS)
    waits.sort((a, b) => a - b)
    const fences = listTerms(cluster).map(({ fence }) => fence)
    return {
      figures: {
        'lease ms': leaseMs,
        kills: waits.length,
        'p50 ms': waits[Math.ceil(waits.length / 2) - 1] ?? '-',
        'max ms': waits.at(-1) ?? '-',
        'promised ms': Math.round(promisedMs),
        pods: cluster.world.runpod.pods().length,
        'pods left': left,
        reviews: said(change).reviews.length,
      },
      faults: [
        ...faults,
        ...(fences.every((fence, index) => index === 0 || fence > (fences[index - 1] ?? 0))
          ? []
          : [`fences do not rise: ${fences.join(', ')}`]),
        ...(left === 0 ? [] : [`${left} pods were not given back`]),
        ...(said(change).reviews.length === 1 ? [] : [`${said(change).reviews.length} reviews instead of 1`]),
      ],
    }
  } finally {
    await cluster.stop()
  }
}

/** kill -9 of whoever leads; how long it took until another did, and undefined when none did in time. */
async function killLeader(cluster: Cluster, promisedMs: number): Promise<number | undefined> {
  const { replica, fence } = await until('a leader', () => findLeader(cluster))
  await replica.kill()
  const killedAt = performance.now()
  const restarted = replica.start()
  try {
    while (performance.now() - killedAt <= promisedMs) {
      const leader = await findLeader(cluster)
      if (leader !== undefined && leader.fence > fence) return Math.round(performance.now() - killedAt)
      await sleep(POLL_MS)
    }
    return undefined
  } finally {
    await restarted
  }
}

async function givenBack({ world }: Cluster, change: OpenChange, limitMs: number): Promise<number> {
  const isOver = () => said(change).reviews.length > 0 && world.runpod.livePods().length === 0
  await until('the end of the review and its pod', isOver, limitMs).catch(() => {})
  return world.runpod.livePods().length
}
