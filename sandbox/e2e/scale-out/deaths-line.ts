import { said } from '../__support__/said.ts'
import { until } from '../__support__/until.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { countEffects, faultOf } from './effects.ts'
import type { Effort, Finding } from './line.ts'
import type { RelayedCall } from './relay.ts'
import { settled } from './settled.ts'
import { sweepNow } from './sweep.ts'
import { prepareTraffic } from './traffic.ts'

const CHANGES = 3
const REVIEWED_WITHIN_MS = 120_000

/** What a replica may have written right before it dies: the worst moment, since GitHub has it and nobody has noted it. */
const MOMENTS: readonly (readonly [name: string, path: RegExp])[] = [
  ['a reply', /\/issues\/\d+\/comments$/u],
  ['a check run', /\/check-runs$/u],
  ['a review', /\/pulls\/\d+\/reviews$/u],
]

/** Replies and answers name what they answer; the broken variant sends them without. */
const NAME = /<!-- devloop:(?:reply|answer):[^>]*-->/gu

/** A replica is killed at the moment GitHub has carried out a write of it; another finishes its work. */
export async function lookAtDeaths(effort: Effort, hasNames: boolean): Promise<Finding> {
  const moments = effort.quick ? MOMENTS.slice(0, 1) : MOMENTS
  const guids = new Set<string>()
  const deaths = createDeaths(moments)
  const cluster: Cluster = await startCluster({
    ...effort,
    balancer: {
      loses({ headers }) {
        guids.add(String(headers['x-github-delivery']))
        return undefined
      },
    },
    github: (index) => ({
      onDone: (call) => deaths.strike(index, call),
      ...(hasNames ? {} : { change: (body: string) => body.replaceAll(NAME, '') }),
    }),
  })
  try {
    const traffic = await prepareTraffic(cluster, CHANGES)
    const [reviewed] = traffic.changes
    if (reviewed === undefined) throw new RangeError('no change')
    await settled(cluster)
    deaths.begin(cluster)
    reviewed.ada.comment(reviewed.number, '/devloop review')
    for (const [name] of moments) {
      await traffic.run(3, Math.min(effort.perSecond, 20))
      await until(`the death after ${name}`, () => deaths.done().includes(name), REVIEWED_WITHIN_MS)
      await deaths.restarted()
    }
    const isReviewed = () => said(reviewed).summaries.length > 0
    await until('the end of the review', isReviewed, REVIEWED_WITHIN_MS)
    // What was being delivered to the one that died.
    await sweepNow(cluster)
    await settled(cluster)
    const effects = await countEffects(cluster, traffic, guids)
    const { reviews, summaries } = said(reviewed)
    return {
      figures: {
        'killed after': deaths.done().join(', '),
        deliveries: effects.sent,
        'commands answered': effects.replies,
        'checks written': effects.checks,
        reviews: reviews.length,
        lost: effects.lost.length,
        twice: effects.twice.length,
      },
      faults: [
        ...faultOf('lost', effects.lost),
        ...faultOf('done twice', effects.twice),
        ...(reviews.length === 1 && summaries.length === 1
          ? []
          : [`${reviews.length} reviews, ${summaries.length} summaries instead of 1`]),
      ],
    }
  } finally {
    await cluster.stop()
  }
}

function createDeaths(moments: typeof MOMENTS) {
  const done: string[] = []
  const starts: Promise<void>[] = []
  let cluster: Cluster | undefined
  return {
    done: () => done,
    begin: (it: Cluster) => {
      cluster = it
    },
    strike(index: number, { method, path }: RelayedCall): void {
      const [next] = moments.slice(done.length)
      const replica = cluster?.replicas[index]
      if (replica === undefined || next === undefined || method !== 'POST' || !next[1].test(path)) return
      done.push(next[0])
      starts.push(replica.kill().then(() => replica.start()))
    },
    async restarted(): Promise<void> {
      await Promise.all(starts)
    },
  }
}
