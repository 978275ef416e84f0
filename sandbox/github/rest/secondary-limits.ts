import { RecentCosts } from '../state/recent-costs.ts'
import type { Reply } from './route.ts'

// docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
const mostConcurrent = 100
const restPointsPerMinute = 900
const graphqlPointsPerMinute = 2000
const contentPerMinute = 80
const contentPerHour = 500
const readPoints = 1
const writePoints = 5
const minuteMs = 60_000
const hourMs = 3_600_000
/** What GitHub advises where it names no time. */
const pauseMs = 60_000

/** What other people are told of. GitHub does not list them; check runs are counted too, which is the stricter reading. */
const contentRoutes = new Set([
  'POST /repos/{owner}/{repo}/check-runs',
  'POST /repos/{owner}/{repo}/issues',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'POST /repos/{owner}/{repo}/pulls',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events',
])

export interface Costing {
  readonly method: string
  /** `POST /graphql`, or the route as GitHub names it; undefined for what does not exist. */
  readonly operation: string | undefined
  /** Of a GraphQL request: whether it changes something. */
  readonly isMutation?: boolean
}

interface Spender {
  concurrent: number
  readonly rest: RecentCosts
  readonly graphql: RecentCosts
  readonly contentMinute: RecentCosts
  readonly contentHour: RecentCosts
  /** Until then everything, or what creates content, is refused. */
  blockedUntilMs: number
  contentBlockedUntilMs: number
}

/** The limits against floods, which GitHub counts for each installation, user and App by itself. */
export class SecondaryLimits {
  readonly #spenders = new Map<string, Spender>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** The refusal of a request that is one too many; else what must be called when it has been answered. */
  enter(key: string, costing: Costing): { readonly refusal: Reply } | { leave(): void } {
    const now = this.#nowMs()
    const spender = this.#spender(key)
    const isGraphql = costing.operation === 'POST /graphql'
    const isContent = costing.operation !== undefined && contentRoutes.has(costing.operation)
    if (now < spender.blockedUntilMs) return { refusal: refuse(spender.blockedUntilMs - now) }
    if (isContent && now < spender.contentBlockedUntilMs)
      return { refusal: refuseContent(spender.contentBlockedUntilMs - now) }
    const points = pointsOf(costing, isGraphql)
    const spent = isGraphql ? spender.graphql : spender.rest
    const mostPoints = isGraphql ? graphqlPointsPerMinute : restPointsPerMinute
    if (spender.concurrent >= mostConcurrent || spent.sum(now) + points > mostPoints) {
      spender.blockedUntilMs = now + pauseMs
      return { refusal: refuse(pauseMs) }
    }
    if (isContent) {
      if (spender.contentMinute.sum(now) >= contentPerMinute || spender.contentHour.sum(now) >= contentPerHour) {
        spender.contentBlockedUntilMs = now + pauseMs
        return { refusal: refuseContent(pauseMs) }
      }
      spender.contentMinute.add(1, now)
      spender.contentHour.add(1, now)
    }
    spent.add(points, now)
    spender.concurrent += 1
    return {
      leave: () => {
        spender.concurrent -= 1
      },
    }
  }

  #spender(key: string): Spender {
    const known = this.#spenders.get(key)
    if (known !== undefined) return known
    const fresh: Spender = {
      concurrent: 0,
      rest: new RecentCosts(minuteMs),
      graphql: new RecentCosts(minuteMs),
      contentMinute: new RecentCosts(minuteMs),
      contentHour: new RecentCosts(hourMs),
      blockedUntilMs: 0,
      contentBlockedUntilMs: 0,
    }
    this.#spenders.set(key, fresh)
    return fresh
  }
}

function pointsOf({ method, isMutation }: Costing, isGraphql: boolean): number {
  if (isGraphql) return isMutation === true ? writePoints : readPoints
  return ['GET', 'HEAD', 'OPTIONS'].includes(method) ? readPoints : writePoints
}

export const secondaryLimit = {
  documentation_url:
    'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
  message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
}

const contentLimit = {
  documentation_url: secondaryLimit.documentation_url,
  message:
    'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
}

function refuse(waitMs: number): Reply {
  return { status: 403, body: secondaryLimit, headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } }
}

function refuseContent(waitMs: number): Reply {
  return { status: 403, body: contentLimit, headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } }
}
