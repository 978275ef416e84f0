import type { DashboardParts } from './parts.ts'

const CHANNELS = ['jobs', 'pods', 'demand', 'events'] as const
/** Many changes in a moment are one; the store's listeners are also woken every second without any. */
const PACE_MS = 500
const NEWEST = 10

/** Looks once for all open pages whether there is something new to see; looks at nothing while no page is open. */
export function createChangeWatch({ store, log }: Pick<DashboardParts, 'store' | 'log'>) {
  const pages = new Set<() => void>()
  let stops: readonly (() => void)[] = []
  let waiting: NodeJS.Timeout | undefined
  let last = ''

  const look = async () => {
    waiting = undefined
    try {
      const { print, isMoving } = await glance()
      if (print !== last || isMoving) for (const tell of pages) tell()
      last = print
    } catch (error) {
      log.debug({ error: String(error) }, 'Open pages could not be told what changed.')
    }
  }
  const woken = () => {
    waiting ??= setTimeout(() => void look(), PACE_MS)
  }

  async function glance(): Promise<{ readonly print: string; readonly isMoving: boolean }> {
    const [jobs, pods, demands, verdicts] = await Promise.all([
      store.jobs.list({}, NEWEST),
      store.pods.listLive(),
      store.demands.list(),
      store.governance.listVerdictHeads(undefined, 1),
    ])
    const print = JSON.stringify([
      jobs.map(({ id, state, outcome, cancelRequested }) => [id, state, outcome, cancelRequested]),
      pods.map(({ name, state, lastUseAt }) => [name, state, lastUseAt]),
      demands.map(({ jobId, note, refused }) => [jobId, note, refused?.code]),
      verdicts.map(({ id }) => id),
    ])
    return { print, isMoving: jobs.some((job) => job.endedAt === null) }
  }

  return {
    add(tell: () => void): () => void {
      pages.add(tell)
      if (stops.length === 0) stops = CHANNELS.map((channel) => store.listen(channel, woken))
      return () => {
        pages.delete(tell)
        if (pages.size > 0) return
        for (const stop of stops) stop()
        stops = []
        clearTimeout(waiting)
        waiting = undefined
      }
    },
  }
}
