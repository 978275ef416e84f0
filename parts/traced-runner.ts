import type { JobRunner } from '../jobs/runner.ts'
import type { FactStore } from '../ports/store.ts'
import type { Telemetry } from '../ports/telemetry.ts'

/** Jobs go on in the trace of whatever asked for them, in whichever process they run. */
export function tracedRunner(runner: JobRunner, telemetry: Telemetry, facts: FactStore): JobRunner {
  if (!telemetry.isOn) return runner
  const keyOf = (id: string) => `trace/${id}`
  return {
    ...runner,
    createJob: async (job, limits) => {
      const traceparent = telemetry.active()
      if (traceparent !== null) await facts.set(keyOf(job.id), traceparent)
      return runner.createJob(job, limits)
    },
    define: (definition) =>
      runner.define({
        ...definition,
        parse: (request) => definition.parse(request),
        async onFailed(context, error) {
          await definition.onFailed(context, error)
          await facts.delete(keyOf(context.job.id))
        },
        async run(context) {
          const { job } = context
          const stored = await facts.get(keyOf(job.id))
          const about = {
            'devloop.job.id': job.id,
            'devloop.job.kind': job.kind,
            'devloop.job.attempt': job.fence,
            'vcs.repository.name': job.repository ?? undefined,
            'vcs.change.id': job.pullRequest === null ? undefined : String(job.pullRequest),
          }
          const parent = typeof stored === 'string' ? stored : null
          return telemetry.span({ name: `${job.kind} job`, kind: 'consumer', facts: about, parent }, async (span) => {
            span.set({ 'devloop.job.waited_ms': Math.max(0, (job.startedAt ?? job.createdAt) - job.createdAt) })
            const end = await definition.run(context)
            span.set({ 'devloop.job.outcome': end.outcome, 'devloop.cost.microusd': end.costMicroUsd })
            await facts.delete(keyOf(job.id))
            return end
          })
        },
      }),
  }
}
