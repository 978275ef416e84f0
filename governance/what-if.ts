import { sha256 } from './canonical-json.ts'
import { indexArchivedPlan } from './plan/archive.ts'
import type { PlanSide, Principal, Snapshot } from './snapshot.ts'

/** The snapshot after a push to the head branch: approvals and waivers stay behind on the old head SHA; checks are taken to run again as before. */
export function afterPush(snapshot: Snapshot): Snapshot {
  const headSha = sha256(`push after ${snapshot.change.headSha}`).slice(0, 40)
  return { ...snapshot, change: { ...snapshot.change, headSha } }
}

/** The snapshot after a push that changes the planning folder. */
export function withHeadFolder(snapshot: Snapshot, change: (side: PlanSide) => PlanSide): Snapshot {
  const { head } = snapshot.plans
  if ('unseen' in head) return snapshot
  return afterPush({ ...snapshot, plans: { ...snapshot.plans, head: { seen: change(head.seen) } } })
}

/** Takes a file out of the planning folder. */
export function withoutFile(side: PlanSide, path: string): PlanSide {
  const texts = Object.fromEntries(Object.entries(side.texts).filter(([other]) => other !== path))
  const tree = side.tree.filter((entry) => entry.path !== path)
  return { ...side, texts, tree, archive: side.archive.filter((entry) => entry.path !== path) }
}

/** Writes a file of `active/` or `completed/`. */
export function withFile(side: PlanSide, path: string, text: string): PlanSide {
  const rest = withoutFile(side, path)
  const entry = { path, mode: '100644', blobSha: sha256(text).slice(0, 40) }
  const tree = [...rest.tree, entry]
  if (path.includes('/completed/'))
    return { ...rest, tree, archive: [...rest.archive, indexArchivedPlan({ ...entry, text })] }
  return { ...rest, tree, texts: { ...rest.texts, [path]: text } }
}

/** The snapshot after one more approval of the head SHA. */
export function withApproval(
  snapshot: Snapshot,
  reviewer: Principal,
  permission: 'write' | 'admin' = 'write',
): Snapshot {
  const reviews = 'seen' in snapshot.reviews ? snapshot.reviews.seen : []
  const id = reviews.reduce((highest, review) => Math.max(highest, review.id), 0) + 1
  const review = {
    id,
    reviewer,
    state: 'APPROVED',
    commitSha: snapshot.change.headSha,
    submittedAt: snapshot.now,
    permission,
  } as const
  return { ...snapshot, reviews: { seen: [...reviews, review] } }
}

/** Somebody who has nothing to do with the change yet; `number` keeps several apart. The sign before it is in no login. */
export function anotherPerson(number: number): Principal {
  return { login: `?reviewer-${number}`, type: 'User', email: null }
}
