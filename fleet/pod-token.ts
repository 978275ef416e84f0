import { createHmac } from 'node:crypto'
import type { PodName } from '../ports/ids.ts'

/**
 * The bearer token of one pod's guard. Derived, so that any replica, and a process after a restart, knows it without storing it; the
 * secret never enters the pod, and a pod's token says nothing about another's.
 */
export function podToken(secret: string, name: PodName): string {
  return createHmac('sha256', secret).update(`devloop pod token ${name}`).digest('hex')
}
