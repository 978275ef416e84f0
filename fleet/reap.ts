import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { PodProvider, ProviderPod } from '../ports/pods.ts'
import type { JournalLine } from '../ports/store.ts'
import { parsePodName } from './pod-name.ts'
import { errorText } from './refusal.ts'

export interface ReapParts {
  readonly provider: PodProvider
  readonly clock: Clock
  readonly log: Log
}

export interface ReapOrder {
  /** Whose pods; every other name is left alone. */
  readonly installId: string
  /** What this machine's journal knows of creates and the processes that made them. */
  readonly journal: readonly JournalLine[]
  readonly isAlive: (pid: number) => boolean
  /** Ends also what a living process holds. */
  readonly all: boolean
  /** Ends also what is older. */
  readonly olderThanMs: number | null
  readonly maxReap: number
  /** Looks only, and says what it would do. */
  readonly dryRun: boolean
  /** How long to wait for the proof of absence. */
  readonly proveMs: number
  readonly absenceMs: number
}

export interface Reaped {
  readonly name: string
  readonly id: string
  readonly reason: string
  /** Absent from two lists after the DELETE. */
  readonly isProvenGone: boolean
}

export interface ReapResult {
  readonly ended: readonly Reaped[]
  readonly kept: readonly { readonly name: string; readonly reason: string }[]
  /** More were due than `maxReap`; the next run takes them. */
  readonly left: number
}

const POLL_MS = 1_000

/**
 * Ends at once what is ours and whose holder is gone. Needs no database: the deadline stands in the name. Throws `PodsError` when the
 * pods could not be listed, since "nothing found" and "could not look" must never look alike.
 */
export async function reap(parts: ReapParts, order: ReapOrder, signal: AbortSignal): Promise<ReapResult> {
  const pods = await parts.provider.list(signal)
  const ours = pods.filter(
    (pod) => pod.status !== 'TERMINATED' && parsePodName(pod.name)?.installId === order.installId,
  )
  const judged = ours.map((pod) => ({ pod, reason: reasonToEnd(pod, order, parts.clock.now()) }))
  const due = judged.flatMap(({ pod, reason }) => (reason === undefined ? [] : [{ pod, reason }]))
  const taken = due.slice(0, order.maxReap)
  const gone = order.dryRun
    ? new Set<string>()
    : await endAll(
        parts,
        order,
        taken.map(({ pod }) => pod),
        signal,
      )
  return {
    ended: taken.map(({ pod, reason }) => ({ name: pod.name, id: pod.id, reason, isProvenGone: gone.has(pod.id) })),
    kept: judged
      .filter(({ reason }) => reason === undefined)
      .map(({ pod }) => ({ name: pod.name, reason: 'its holder is alive' })),
    left: due.length - taken.length,
  }
}

function reasonToEnd(pod: ProviderPod, order: ReapOrder, now: number): string | undefined {
  const name = parsePodName(pod.name)
  if (name === undefined) return undefined
  if (now >= name.deadlineAt) return 'past its deadline'
  if (order.all) return 'asked for'
  if (order.olderThanMs !== null && now - (pod.createdAt || name.createdAt) >= order.olderThanMs)
    return 'older than asked for'
  const lines = order.journal.filter((line) => line.podName === pod.name)
  if (lines.some((line) => line.kind === 'settle')) return 'settled in the journal'
  const create = lines.find((line) => line.kind === 'create')
  if (create?.kind !== 'create' || create.holderPid === null) return undefined
  return order.isAlive(create.holderPid) ? undefined : `its process ${create.holderPid} is gone`
}

/** Answers the ids that are proven gone when the time is up. */
async function endAll(
  { provider, clock, log }: ReapParts,
  order: ReapOrder,
  pods: readonly ProviderPod[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const until = clock.now() + order.proveMs
  const deletedAt = new Map<string, number>()
  const absentSince = new Map<string, number>()
  const gone = new Set<string>()
  while (gone.size < pods.length) {
    for (const pod of pods.filter((other) => !deletedAt.has(other.id))) {
      try {
        await provider.terminate(pod.id, signal)
        deletedAt.set(pod.id, clock.now())
      } catch (error) {
        log.warn({ pod: pod.name, error: errorText(error) }, 'A pod could not be ended yet')
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
        if (listedAt - (deletedAt.get(pod.id) ?? listedAt) > order.absenceMs) deletedAt.delete(pod.id)
      } else if (!absentSince.has(pod.id)) absentSince.set(pod.id, listedAt)
      if (listedAt - (absentSince.get(pod.id) ?? listedAt) >= order.absenceMs && deletedAt.has(pod.id)) gone.add(pod.id)
    }
    if (gone.size === pods.length || clock.now() >= until) break
    await clock.sleep(Math.min(POLL_MS, order.absenceMs / 4), signal)
  }
  return gone
}
