import type { GovernanceConfig } from '../config/resolved-config.ts'
import { type ActorClass, classOf, type Makers, principalKey } from './principals.ts'
import type { AgentReview, Snapshot, SnapshotReview } from './snapshot.ts'

/** One approval and whether it counts; `why` is set when it does not. */
export interface Approval {
  readonly login: string
  readonly actorClass: ActorClass
  readonly permission: SnapshotReview['permission']
  readonly counts: boolean
  readonly why: string | null
  /** What the approver did for the change, when that is why it does not count. */
  readonly madeIt: string | null
}

/** All approvals of the change, those of earlier head SHAs included, in the order of logins. */
export function approvalsOf(
  snapshot: Snapshot,
  makers: Makers,
  reviews: GovernanceConfig['reviews'],
): readonly Approval[] {
  const given = 'seen' in snapshot.reviews ? snapshot.reviews.seen : []
  const judged = 'seen' in snapshot.agentReviews ? snapshot.agentReviews.seen : []
  const fromReviews = latestDecisions(given)
    .filter((review) => review.state === 'APPROVED' && !isOwnApp(review, snapshot))
    .map((review) => judgeReview(review, snapshot, makers, reviews))
  const fromAgents = latestRuns(judged).map((run) => judgeRun(run, snapshot, makers, reviews))
  return [...fromReviews, ...fromAgents].sort((a, b) => (a.login < b.login ? -1 : 1))
}

/** DevLoop's judgement is read from its review runs; an Approve under its name is not one. */
function isOwnApp(review: SnapshotReview, snapshot: Snapshot): boolean {
  return snapshot.appLogin !== null && review.reviewer.login?.toLowerCase() === snapshot.appLogin.toLowerCase()
}

function judgeReview(
  review: SnapshotReview,
  snapshot: Snapshot,
  makers: Makers,
  reviews: GovernanceConfig['reviews'],
): Approval {
  const { reviewer } = review
  const actorClass = classOf(reviewer, reviews)
  const base = { login: reviewer.login ?? reviewer.email ?? 'somebody', actorClass, permission: review.permission }
  const key = principalKey(reviewer)
  const roles = key === null || !reviews.independent ? undefined : makers.get(key)
  if (key === null) return { ...base, counts: false, why: 'the account is gone', madeIt: null }
  if (roles) return { ...base, ...madeItHimself(roles) }
  if (review.commitSha !== snapshot.change.headSha)
    return { ...base, counts: false, why: `it is for ${shortSha(review.commitSha)}, not the head`, madeIt: null }
  if (actorClass === 'agent') return { ...base, counts: false, why: 'agents do not count', madeIt: null }
  if (!reviews.count.includes(actorClass))
    return { ...base, counts: false, why: `${actorClass}s do not count here`, madeIt: null }
  return { ...base, counts: true, why: null, madeIt: null }
}

function judgeRun(
  run: AgentReview,
  snapshot: Snapshot,
  makers: Makers,
  reviews: GovernanceConfig['reviews'],
): Approval {
  const principal = { login: run.login, type: 'Bot' as const, email: null }
  const actorClass = classOf(principal, reviews)
  const base = { login: run.login, actorClass, permission: null, madeIt: null, counts: false }
  const roles = reviews.independent ? makers.get(principalKey(principal) ?? '') : undefined
  if (roles) return { ...base, ...madeItHimself(roles) }
  if (actorClass !== 'senior-agent' || !reviews.count.includes('senior-agent'))
    return { ...base, why: 'it is no senior agent here' }
  if (run.headSha !== snapshot.change.headSha)
    return { ...base, why: `it is for ${shortSha(run.headSha)}, not the head` }
  if (run.outcome === 'failed' || run.outcome === 'partial')
    return { ...base, why: `its review ended as ${run.outcome}` }
  if (run.coverage !== 'full') return { ...base, why: 'it did not look at everything' }
  if (run.openSevereFindings > 0)
    return { ...base, why: `${run.openSevereFindings} of its findings of high severity or above are open` }
  return { ...base, counts: true, why: null }
}

function madeItHimself(roles: ReadonlySet<string>): Pick<Approval, 'counts' | 'why' | 'madeIt'> {
  const what = [...roles].sort().join(' and ')
  return { counts: false, why: `the approver ${what}`, madeIt: what }
}

function latestDecisions(reviews: readonly SnapshotReview[]): readonly SnapshotReview[] {
  const decisive = reviews.filter((review) => ['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(review.state))
  return latestBy(
    decisive,
    (review) => principalKey(review.reviewer) ?? `review:${review.id}`,
    (review) => [review.submittedAt ?? '', review.id],
  )
}

function latestRuns(runs: readonly AgentReview[]): readonly AgentReview[] {
  return latestBy(
    runs,
    (run) => run.login.toLowerCase(),
    (run) => [run.finishedAt, run.openSevereFindings],
  )
}

function latestBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  rankOf: (item: T) => readonly [string, number],
): readonly T[] {
  const latest = new Map<string, T>()
  for (const item of items) {
    const key = keyOf(item)
    const other = latest.get(key)
    if (other === undefined || isLater(rankOf(item), rankOf(other))) latest.set(key, item)
  }
  return [...latest.values()]
}

function isLater([timeA, numberA]: readonly [string, number], [timeB, numberB]: readonly [string, number]): boolean {
  const a = Date.parse(timeA) || 0
  const b = Date.parse(timeB) || 0
  return a > b || (a === b && numberA > numberB)
}

export function shortSha(sha: string | null): string {
  return sha === null ? 'an unknown commit' : sha.slice(0, 7)
}
