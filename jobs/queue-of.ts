import type { QueueName } from '../ports/queue.ts'
import type { JobKind } from '../ports/store.ts'

const QUEUES: Readonly<Record<JobKind, QueueName>> = {
  review: 'review',
  ask: 'infer',
  infer: 'infer',
  governance: 'governance',
  report: 'upkeep',
}

/** Where jobs of a kind wait. Short ones with a person waiting do not stand behind reviews. */
export function queueOf(kind: JobKind): QueueName {
  return QUEUES[kind]
}
