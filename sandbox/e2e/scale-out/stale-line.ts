import { setTimeout as sleep } from 'node:timers/promises'
import { openChange } from '../__support__/open-change.ts'
import { until } from '../__support__/until.ts'
import type { BreakName } from './broken.ts'
import { startCluster } from './cluster.ts'
import type { Effort, Finding } from './line.ts'
import type { RelayedCall } from './relay.ts'
import { settled } from './settled.ts'

const CHECK = 'devloop/governance'
/** An evaluation reads the open pull requests when it begins, and once more right before it writes. */
const LAST_LOOK = 2
const TAKEN_OVER_WITHIN_MS = 60_000
/** Long enough for a woken process to do what it had in mind. */
const WAKING_MS = 3_000

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
    await settled(cluster)
    const meanwhile = shown()?.externalId
    cluster.replicas[stopped.index]?.signal('SIGCONT')
    await sleep(WAKING_MS)
    const after = shown()?.externalId
    return {
      figures: {
        'stood still': `replica ${stopped.index}`,
        'verdict meanwhile': meanwhile === before ? 'as before the approval' : 'another',
        'verdict after it woke': after === meanwhile ? 'the same' : 'that of the one that woke',
      },
      faults: [
        ...(after === meanwhile ? [] : ['the check shows an approval that was dismissed before it was written']),
        ...(meanwhile === before ? [] : ['the dismissal was not judged']),
      ],
    }
  } finally {
    for (const replica of cluster.replicas) replica.signal('SIGCONT')
    await cluster.stop()
  }
}

/** Catches the first replica whose evaluation has come to its last look. */
function createTrap() {
  const looks = new Map<number, number>()
  let catchIt: ((index: number) => void) | undefined
  let caught: { readonly index: number } | undefined
  return {
    set: (action: (index: number) => void) => {
      looks.clear()
      catchIt = action
    },
    caught: () => caught,
    see(index: number, { method, path }: RelayedCall): void {
      if (catchIt === undefined || caught !== undefined || method !== 'GET' || !/\/pulls(?:\/\d+)?(?:\?|$)/u.test(path))
        return
      const count = (looks.get(index) ?? 0) + 1
      looks.set(index, count)
      if (count < LAST_LOOK) return
      caught = { index }
      catchIt(index)
    },
  }
}
