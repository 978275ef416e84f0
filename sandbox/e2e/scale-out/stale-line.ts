import { openChange } from '../__support__/open-change.ts'
import { until } from '../__support__/until.ts'
import type { BreakName } from './broken.ts'
import { startCluster } from './cluster.ts'
import type { Effort, Finding } from './line.ts'
import type { RelayedCall } from './relay.ts'
import { settled } from './settled.ts'

const CHECK = 'devloop/governance'
/** After this long a woken replica finds its call to GitHub timed out, and begins anew. */
const CALL_TIMEOUT_MS = 30_000
const LOOK = /\/repos\/[^/]+\/[^/]+\/pulls(?:\/\d+)?(?:\?|$)/u
const COMPARE = /\/compare\//u
const TAKEN_OVER_WITHIN_MS = 60_000
/** Long enough for a woken process to do what it had in mind. */
const WAKING_MS = 10_000

/** A replica stands still right before it writes a verdict; meanwhile the world moves on and another judges it. */
export async function lookAtStaleVerdict(effort: Effort, broken: readonly BreakName[]): Promise<Finding> {
  const trap = createTrap()
  const cluster = await startCluster({
    ...effort,
    broken,
    github: (index) => ({ onDone: (call) => trap.see(index, call) }),
  })
  try {
    const change = await openChange(cluster.world, 'acme/orders')
    const shown = () => [...change.repository.runs.values()].filter(({ name }) => name === CHECK).at(-1)
    await until('the first verdict', () => shown()?.status === 'completed')
    await settled(cluster)
    const before = shown()?.externalId

    trap.set((index) => cluster.replicas[index]?.signal('SIGSTOP'))
    const { id } = await change.cleo.approve(change.number)
    const stopped = await until('a replica that judges the approval', () => trap.caught())
    await change.ada.dismiss(change.number, id, 'Not yet.')
    const isTaken = async () => {
      const { rows } = await cluster.database.query(
        `SELECT 1 FROM devloop_queue.job WHERE name = 'governance' AND state <= 'active'`,
      )
      return rows.length === 0
    }
    await until('another replica to judge the dismissal', isTaken, TAKEN_OVER_WITHIN_MS)
    const meanwhile = shown()?.externalId
    const stoodMs = Math.round(performance.now() - stopped.at)
    cluster.replicas[stopped.index]?.signal('SIGCONT')
    await until('a write of the one that woke', () => shown()?.externalId !== meanwhile, WAKING_MS).catch(() => {})
    const after = shown()?.externalId
    return {
      figures: {
        'stood still ms': stoodMs,
        'verdict meanwhile': meanwhile === before ? 'as before the approval' : 'another',
        'verdict after it woke': after === meanwhile ? 'the same' : 'that of the one that woke',
      },
      faults: [
        ...(after === meanwhile ? [] : ['the check shows an approval that was dismissed before it was written']),
        ...(meanwhile === before ? [] : ['the dismissal was not judged']),
        ...(stoodMs < CALL_TIMEOUT_MS
          ? []
          : ['it stood still for so long that its call had ended, so nothing was shown']),
      ],
    }
  } finally {
    for (const replica of cluster.replicas) replica.signal('SIGCONT')
    await cluster.stop()
  }
}

/** Catches the first replica that comes to the last look of an evaluation: it reads the pull request, compares, and reads it once more. */
function createTrap() {
  const compared = new Set<number>()
  let catchIt: ((index: number) => void) | undefined
  let caught: { readonly index: number; readonly at: number } | undefined
  return {
    set: (action: (index: number) => void) => {
      compared.clear()
      catchIt = action
    },
    caught: () => caught,
    see(index: number, call: RelayedCall): void {
      if (catchIt === undefined || caught !== undefined || call.method !== 'GET') return
      if (COMPARE.test(call.path)) compared.add(index)
      else if (LOOK.test(call.path) && compared.delete(index)) {
        caught = { index, at: performance.now() }
        catchIt(index)
      }
    },
  }
}
