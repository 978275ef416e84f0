import type { Clock } from '../ports/clock.ts'
import { PodsError } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import type { PodProvider, ProviderPod } from '../ports/pods.ts'
import { errorText } from './refusal.ts'

export interface EndedPod {
  /** When the DELETE left that ended it, as far as is known. */
  readonly toldAt: number
  /** Absent from two lists after the DELETE. */
  readonly isProvenGone: boolean
}

const POLL_MS = 1_000
const LONGEST_RATE_WAIT_MS = 20_000

/** Tells pods to end until they are proven gone or the time is up. By provider id. */
export async function endPods(
  { provider, clock, log }: { readonly provider: PodProvider; readonly clock: Clock; readonly log: Log },
  pods: readonly ProviderPod[],
  { proveMs, absenceMs }: { readonly proveMs: number; readonly absenceMs: number },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, EndedPod>> {
  const until = clock.now() + proveMs
  const sentAt = new Map<string, number>()
  const toldAt = new Map<string, number>()
  const absentSince = new Map<string, number>()
  const gone = new Set<string>()
  while (gone.size < pods.length) {
    let pauseMs = Math.min(POLL_MS, absenceMs / 4)
    for (const pod of pods.filter((other) => !toldAt.has(other.id))) {
      const at = clock.now()
      try {
        const answer = await provider.terminate(pod.id, signal)
        toldAt.set(pod.id, at)
        // After a 404 it was the DELETE before that ended it.
        if (answer === 'accepted' || !sentAt.has(pod.id)) sentAt.set(pod.id, at)
      } catch (error) {
        signal.throwIfAborted()
        log.warn({ pod: pod.name, error: errorText(error) }, 'A pod could not be ended yet')
        sentAt.set(pod.id, at)
        const askedMs = error instanceof PodsError ? (error.retryAfterMs ?? 0) : 0
        pauseMs = Math.max(pauseMs, Math.min(askedMs, LONGEST_RATE_WAIT_MS))
      }
    }
    const listedAt = clock.now()
    const present = await provider.list(signal).catch((error) => {
      log.warn({ error: errorText(error) }, 'Pods could not be listed')
      return undefined
    })
    for (const pod of present === undefined ? [] : pods) {
      const seen = present?.find((other) => other.id === pod.id)
      if (seen !== undefined && seen.status !== 'TERMINATED') {
        absentSince.delete(pod.id)
        // Still there although a DELETE was answered: it is sent again.
        if (listedAt - (toldAt.get(pod.id) ?? listedAt) > absenceMs) toldAt.delete(pod.id)
      } else if (!absentSince.has(pod.id)) absentSince.set(pod.id, listedAt)
      if (listedAt - (absentSince.get(pod.id) ?? listedAt) >= absenceMs && toldAt.has(pod.id)) gone.add(pod.id)
    }
    if (gone.size === pods.length || clock.now() >= until) break
    await clock.sleep(pauseMs, signal)
  }
  return new Map(pods.map(({ id }) => [id, { toldAt: sentAt.get(id) ?? until, isProvenGone: gone.has(id) }]))
}
