import type { JobId } from '../ports/ids.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { JobStop } from './job-stop.ts'

/** The attempts of this process, looked after: a cancel, or another owner, is noticed by signal or within the second of the backstop. */
export function createRunningJobs(store: Store, log: Log) {
  const running = new Map<JobId, { readonly fence: number; readonly stop: AbortController }>()
  let looking = false

  async function look(): Promise<void> {
    for (const [id, { fence, stop }] of running) {
      const row = await store.jobs.find(id)
      if (row === undefined || row.fence !== fence) stop.abort(new JobStop('taken'))
      else if (row.cancelRequested) stop.abort(new JobStop('cancelled'))
    }
  }

  const unlisten = store.listen('jobs', async () => {
    if (looking || running.size === 0) return
    looking = true
    await look().catch((error) =>
      log.debug({ error }, 'The running jobs could not be looked at; the next signal comes.'),
    )
    looking = false
  })

  return {
    add(id: JobId, fence: number, stop: AbortController): void {
      running.set(id, { fence, stop })
    },
    remove(id: JobId, fence: number): void {
      if (running.get(id)?.fence === fence) running.delete(id)
    },
    close: unlisten,
  }
}
