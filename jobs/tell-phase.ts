import type { Log } from '../ports/log.ts'
import type { EnginePhase } from '../ports/model.ts'
import type { JobContext } from './definition.ts'

/** Puts a phase of the wait for an engine on the job's timeline. */
export function tellPhase(context: JobContext<unknown>, { phase, detail }: EnginePhase, log: Log): void {
  // A courtesy of the wait; the job itself fails at its next write when the store is gone.
  context.event('pod', `${phase}: ${detail}`).catch((error: unknown) => {
    log.warn({ job: context.job.id, error: String(error) }, 'a pod phase could not be recorded')
  })
}
