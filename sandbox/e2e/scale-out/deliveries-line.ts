import { BUGGY_LINES } from '../__support__/open-change.ts'
import { said } from '../__support__/said.ts'
import { until } from '../__support__/until.ts'
import { type BreakName, BREAKS } from './broken.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { listSideBySide, watchKeys } from './database-views.ts'
import { countEffects, faultOf } from './effects.ts'
import type { Effort, Finding } from './line.ts'
import { settled } from './settled.ts'
import { prepareTraffic } from './traffic.ts'

const changesOf = ({ quick }: Effort) => (quick ? 3 : 8)
/** Every so-manieth delivery comes once more under its GUID. */
const AGAIN_EVERY = 5
const SETTLE_LIMIT_MS = 120_000

/** Webhooks to whichever replica, some of them twice, with a review asked for in between. */
export async function lookAtDeliveries(effort: Effort, broken: readonly BreakName[]): Promise<Finding> {
  const guids = new Set<string>()
  const cluster = await startCluster({
    ...effort,
    broken,
    balancer: {
      loses({ headers }) {
        guids.add(String(headers['x-github-delivery']))
        return undefined
      },
    },
  })
  try {
    await watchKeys(cluster.database)
    for (const name of broken) if (BREAKS[name].where === 'database') await cluster.database.query(BREAKS[name].put)
    const traffic = await prepareTraffic(cluster, changesOf(effort))
    const [reviewed] = traffic.changes
    if (reviewed === undefined) throw new RangeError('no change')
    reviewed.ada.comment(reviewed.number, '/devloop review')
    const again = sendAgain(cluster)
    await traffic.run(effort.seconds, effort.perSecond)
    await again.stop()
    // A broken product need not come to rest: what was seen by now is enough.
    const met = broken.length > 0 ? await listSideBySide(cluster.database) : []
    if (met.length > 0) return { figures: {}, faults: faultOf('keys worked side by side', met) }
    await settled(cluster)
    await until('the end of the review', () => said(reviewed).summaries.length > 0, SETTLE_LIMIT_MS)
    await settled(cluster)

    const effects = await countEffects(cluster, traffic, guids)
    const { reviews, inline, summaries } = said(reviewed)
    const served = cluster.balancer.served
    const sideBySide = await listSideBySide(cluster.database)
    return {
      figures: {
        deliveries: effects.sent,
        'per replica': served.join(' / '),
        'sent again': again.count(),
        'commands answered': effects.replies,
        'checks written': effects.checks,
        reviews: reviews.length,
        lost: effects.lost.length,
        twice: effects.twice.length,
        'same key side by side': sideBySide.length,
      },
      faults: [
        ...(served.filter((count) => count > 0).length === 3 ? [] : ['a replica was never asked']),
        ...faultOf('lost', effects.lost),
        ...faultOf('done twice', effects.twice),
        ...faultOf('keys worked side by side', sideBySide),
        ...(reviews.length === 1 && summaries.length === 1 && inline.length === BUGGY_LINES.length
          ? []
          : [`${reviews.length} reviews, ${summaries.length} summaries, ${inline.length} remarks instead of 1, 1, 2`]),
        ...cluster.world.github.violations.map(({ message }) => message).slice(0, 3),
      ],
    }
  } finally {
    await cluster.stop()
  }
}

/** GitHub sometimes sends a webhook again by itself; here it does so all the time. */
function sendAgain({ world }: Cluster) {
  const { github } = world
  const seen = new Set<string>()
  let count = 0
  const look = () => {
    for (const { guid, payload } of [...github.deliveries]) {
      if (seen.has(guid)) continue
      seen.add(guid)
      if (seen.size % AGAIN_EVERY > 0 && !payload.includes('/devloop')) continue
      count += 1
      github.duplicateDelivery(guid)
    }
  }
  const timer = setInterval(look, 200)
  return {
    count: () => count,
    async stop() {
      clearInterval(timer)
      look()
    },
  }
}
