import type { PodName } from '../ports/ids.ts'
import type { ProviderPod } from '../ports/pods.ts'
import type { JournalLine } from '../ports/store.ts'
import { parsePodName } from './pod-name.ts'

/** By what pods are judged: names, ages, and what this machine's journal knows of the processes that made them. */
export interface ReapRules {
  /** Whose pods; every other name is left alone. */
  readonly installId: string
  readonly journal: readonly JournalLine[]
  readonly isAlive: (pid: number) => boolean
  /** Ends also what a living process holds. */
  readonly all: boolean
  /** Ends also what is older. */
  readonly olderThanMs: number | null
}

/** Why a pod of ours is to be ended; undefined when somebody holds it. */
export function reasonToEnd(pod: ProviderPod, rules: ReapRules, now: number): string | undefined {
  const name = parsePodName(pod.name)
  if (name === undefined) return undefined
  if (now >= name.deadlineAt) return 'past its deadline'
  if (rules.all) return 'asked for'
  if (rules.olderThanMs !== null && now - (pod.createdAt || name.createdAt) >= rules.olderThanMs)
    return 'older than asked for'
  const lines = rules.journal.filter((line) => line.podName === pod.name)
  if (lines.some((line) => line.kind === 'settle')) return 'settled in the journal'
  const create = lines.find((line) => line.kind === 'create')
  if (create?.kind !== 'create' || create.holderPid === null) return undefined
  return rules.isAlive(create.holderPid) ? undefined : `its process ${create.holderPid} is gone`
}

export interface LateCreate {
  readonly podName: PodName
  /** A list that began by then and does not show the pod proves that there is none. */
  readonly until: number
}

/**
 * Creates whose process died so lately that they may still be on their way: nothing of them stands in a list yet, and nobody is left who
 * would look. No wait is longer than `lateMs`, whatever the clock did meanwhile.
 */
export function lateCreates(rules: ReapRules, lateMs: number, now: number): readonly LateCreate[] {
  const settled = new Set(rules.journal.flatMap((line) => (line.kind === 'settle' ? [line.podName] : [])))
  return rules.journal.flatMap((line) => {
    if (line.kind !== 'create' || settled.has(line.podName)) return []
    if (parsePodName(line.podName)?.installId !== rules.installId) return []
    const isHeld = line.holderPid === null || (!rules.all && rules.isAlive(line.holderPid))
    const leftMs = Math.min(lateMs, line.at + lateMs - now)
    return isHeld || leftMs <= 0 ? [] : [{ podName: line.podName, until: now + leftMs }]
  })
}
