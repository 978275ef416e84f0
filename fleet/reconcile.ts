import { StoreError } from '../ports/errors.ts'
import { Leader } from './leader.ts'
import type { FleetParts } from './parts.ts'
import type { FleetPolicy } from './policy.ts'
import { errorText } from './refusal.ts'
import { leadInTerms, type Term } from './term.ts'
import { Wake } from './wake.ts'

/**
 * Drives the pods while this process holds the lease, until the signal aborts. Every replica runs it; one leads. It never throws for
 * what the world does: a store or a provider that is away is asked again.
 */
export async function reconcile(parts: FleetParts, policy: FleetPolicy, signal: AbortSignal): Promise<void> {
  const wake = new Wake()
  const ring = () => wake.ring()
  const stopListening = [parts.store.listen('demand', ring), parts.store.listen('pods', ring)]
  try {
    await leadInTerms(parts, policy.timings.leaseMs, signal, (term) => lead(parts, policy, term, wake))
  } finally {
    for (const stop of stopListening) stop()
  }
}

async function lead(parts: FleetParts, policy: FleetPolicy, term: Term, wake: Wake): Promise<void> {
  const leader = new Leader(parts, policy, term, () => wake.ring())
  try {
    await leader.begin()
    while (term.isLeading()) {
      const pauseMs = await tick(leader, parts, policy)
      await wake.wait(pauseMs, parts.clock, term.signal)
    }
  } finally {
    await leader.end()
  }
}

async function tick(leader: Leader, { log }: FleetParts, policy: FleetPolicy): Promise<number> {
  try {
    return await leader.tick()
  } catch (error) {
    if (error instanceof StoreError && error.code === 'fence-lost') throw error
    log.warn({ error: errorText(error) }, 'A pass of the fleet loop failed; it is tried again')
    return policy.timings.tickMs
  }
}
