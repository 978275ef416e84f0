import type { DemandRow, PodRow, SlotHold } from '../ports/store.ts'
import { isStartDemand } from './requests.ts'

export interface DispatchInput {
  readonly pods: readonly PodRow[]
  readonly demands: readonly DemandRow[]
  readonly holds: readonly (SlotHold & { readonly count: number })[]
  readonly now: number
  readonly fifoAfterMs: number
  readonly perRepositoryJobs: number
  readonly maxPods: number
}

export interface DispatchPlan {
  /** Which waiting job may take how many slots of which pod now. */
  readonly grants: ReadonlyMap<string, { readonly podName: string; readonly slots: number }>
  /** Pods to drain because a job for another model has waited too long, or nobody wants theirs. */
  readonly makeRoom: ReadonlySet<string>
  /** Models to rent a pod for, in order. */
  readonly rent: readonly DemandRow[]
}

const SERVING = new Set(['ready', 'busy'])

/** Every replica computes the same plan from the same rows: same model first, in order of age, and after a while strictly in order. */
export function planDispatch(input: DispatchInput): DispatchPlan {
  const waiting = input.demands
    .filter((demand) => demand.refused === null && demand.expiresAt > input.now)
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.jobId < b.jobId ? -1 : 1))
  const live = input.pods.filter((pod) => pod.state !== 'gone' && pod.state !== 'rejected')
  const overdue = overdueOf(waiting, live, input)
  const grants = grant(waiting, live, overdue, input)
  const served = new Set(live.filter(isUsable).map((pod) => pod.model))
  const unserved = waiting.filter((demand) => !served.has(demand.model))
  const freeSlots = input.maxPods - live.length
  const rent = firstPerModel(unserved)
  return {
    grants,
    makeRoom: roomFor(rent.slice(Math.max(0, freeSlots)), live, waiting, overdue, input),
    rent: rent.slice(0, Math.max(0, freeSlots)),
  }
}

/** A pod that serves its model now or will. */
function isUsable(pod: PodRow): boolean {
  return !['draining', 'terminating', 'lost', 'gone', 'rejected'].includes(pod.state)
}

/** The oldest job that waited so long for a pod of another model that nobody younger may be served before it. */
function overdueOf(
  waiting: readonly DemandRow[],
  live: readonly PodRow[],
  input: DispatchInput,
): DemandRow | undefined {
  if (live.length < input.maxPods) return undefined
  const served = new Set(live.filter(isUsable).map((pod) => pod.model))
  return waiting.find((demand) => !served.has(demand.model) && input.now - demand.createdAt >= input.fifoAfterMs)
}

function grant(
  waiting: readonly DemandRow[],
  live: readonly PodRow[],
  overdue: DemandRow | undefined,
  input: DispatchInput,
): DispatchPlan['grants'] {
  const grants = new Map<string, { readonly podName: string; readonly slots: number }>()
  const holds = input.holds.filter((hold) => hold.expiresAt > input.now)
  const free = new Map(live.filter((pod) => SERVING.has(pod.state)).map((pod) => [pod.name as string, pod.parallel]))
  for (const hold of holds) free.set(hold.podName, (free.get(hold.podName) ?? 0) - hold.count)
  const running = new Map<string, number>()
  for (const hold of holds) if (hold.repository !== null) bump(running, hold.repository)

  // Those over their repository's limit come last: they take only what nobody else could use.
  const isWithin = (demand: DemandRow) =>
    demand.repository === null || (running.get(demand.repository) ?? 0) < input.perRepositoryJobs
  const jobs = waiting.filter((demand) => !isStartDemand(demand))
  const eligible = jobs.filter((demand) => overdue === undefined || demand.createdAt <= overdue.createdAt)
  for (const late of [false, true]) {
    for (const demand of eligible) {
      if (grants.has(demand.jobId) || (!late && !isWithin(demand))) continue
      const pod = live
        .filter((candidate) => candidate.model === demand.model && (free.get(candidate.name) ?? 0) > 0)
        .toSorted((a, b) => (free.get(b.name) ?? 0) - (free.get(a.name) ?? 0))[0]
      if (pod === undefined) continue
      const slots = Math.min(demand.slotsWanted, free.get(pod.name) ?? 0)
      free.set(pod.name, (free.get(pod.name) ?? 0) - slots)
      if (demand.repository !== null) bump(running, demand.repository)
      grants.set(demand.jobId, { podName: pod.name, slots })
    }
  }
  return grants
}

function firstPerModel(demands: readonly DemandRow[]): DemandRow[] {
  return [...new Map(demands.toReversed().map((demand) => [demand.model, demand])).values()].toReversed()
}

/** One pod per model that finds no room: first one that nobody wants, else, for an overdue job, the one that served longest. */
function roomFor(
  wanted: readonly DemandRow[],
  live: readonly PodRow[],
  waiting: readonly DemandRow[],
  overdue: DemandRow | undefined,
  input: DispatchInput,
): ReadonlySet<string> {
  const room = new Set<string>()
  const held = new Set(input.holds.filter((hold) => hold.expiresAt > input.now).map((hold) => hold.podName as string))
  const onTheWay = live.filter((pod) => !isUsable(pod)).length
  for (const demand of wanted.slice(onTheWay)) {
    const idle = live.find(
      (pod) =>
        isUsable(pod) &&
        !room.has(pod.name) &&
        !held.has(pod.name) &&
        !waiting.some((other) => other.model === pod.model),
    )
    const oldest =
      demand === overdue ? live.filter((pod) => SERVING.has(pod.state) && !room.has(pod.name))[0] : undefined
    const chosen = idle ?? oldest
    if (chosen !== undefined) room.add(chosen.name)
  }
  return room
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
