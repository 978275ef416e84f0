import { setTimeout as sleep } from 'node:timers/promises'
import { FLEET_TIMINGS } from '../../../fleet/timings.ts'
import { FAST_TIMINGS } from '../chaos/fast-timings.ts'
import { openChange } from '../__support__/open-change.ts'
import { said } from '../__support__/said.ts'
import { until } from '../__support__/until.ts'
import type { BreakName } from './broken.ts'
import { startCluster } from './cluster.ts'
import { faultOf } from './effects.ts'
import type { Effort, Finding } from './line.ts'
import { findLeader, listTerms, listUsurpations } from './terms.ts'

const WAIT_MS = 120_000

/** The leader stands still with a pod on its hands until another leads, and then wakes: only one of them may act. */
export async function lookAtFence(effort: Effort, broken: readonly BreakName[]): Promise<Finding> {
  const leaseMs = effort.quick ? FAST_TIMINGS.leaseMs : FLEET_TIMINGS.leaseMs
  const cluster = await startCluster({ ...effort, broken })
  const { runpod } = cluster.world
  try {
    const change = await openChange(cluster.world, 'acme/orders')
    const { replica, fence } = await until('the first leader', () => findLeader(cluster))
    change.ada.comment(change.number, '/devloop review')
    await until('a pod', () => runpod.livePods().length > 0, WAIT_MS)
    let most = 0
    const watching = setInterval(() => {
      most = Math.max(most, runpod.livePods().length)
    }, 20)
    replica.signal('SIGSTOP')
    const led = () => listTerms(cluster).some((term) => term.fence > fence)
    await until('another leader', led, leaseMs * 2).catch(() => {})
    await sleep(leaseMs / 3)
    const before = cluster.runpod[replica.index]?.calls.length ?? 0
    replica.signal('SIGCONT')
    const isOver = () => said(change).reviews.length > 0 && runpod.livePods().length === 0
    await until('the end of the review and its pod', isOver, WAIT_MS).catch(() => {})
    // The woken one has had its turn by then.
    await sleep(leaseMs / 3)
    clearInterval(watching)
    const usurpations = listUsurpations(cluster)
    const reviews = said(change).reviews.length
    return {
      figures: {
        terms: listTerms(cluster).length,
        'calls to the provider': cluster.runpod.reduce((sum, { calls }) => sum + calls.length, 0),
        'of the woken one': (cluster.runpod[replica.index]?.calls.length ?? 0) - before,
        'while another led': usurpations.length,
        'pods at once': most,
        'pods left': runpod.livePods().length,
        reviews,
      },
      faults: [
        ...faultOf('acts of a process that did not lead', usurpations),
        ...(most > 1 ? [`${most} pods at once, 1 allowed`] : []),
        ...(runpod.livePods().length > 0 ? ['a pod was not given back'] : []),
        ...(reviews === 1 ? [] : [`${reviews} reviews instead of 1`]),
      ],
    }
  } finally {
    await cluster.stop()
  }
}
