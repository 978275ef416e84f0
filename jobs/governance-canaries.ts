import { type DeadCanary, findDeadCanaries } from '../governance/canaries.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { FactStore } from '../ports/store.ts'

/** Where the dashboard reads the latest result: `{at, dead: [{rule, said, message}]}`. */
export const CANARIES_FACT = 'canaries'

/** Runs known-bad snapshots through the live rules; a rule that no longer blocks raises an alarm. */
export async function runCanaries(
  parts: { readonly facts: FactStore; readonly clock: Clock; readonly log: Log },
  find: () => readonly DeadCanary[] = findDeadCanaries,
): Promise<readonly DeadCanary[]> {
  const dead = find()
  const at = parts.clock.now()
  await parts.facts.set(CANARIES_FACT, { at, dead: dead.map(({ rule, said, message }) => ({ rule, said, message })) })
  for (const { rule, said, message } of dead)
    parts.log.error({ rule, said, message }, 'a rule no longer blocks what it must block')
  return dead
}
