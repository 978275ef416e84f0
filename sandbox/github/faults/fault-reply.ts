import type { Reply } from '../rest/route.ts'
import { secondaryLimit } from '../rest/secondary-limits.ts'
import type { Fault } from './fault-plan.ts'

const defaultRetrySeconds = 60

/** What GitHub's front answers instead of the operation; undefined for faults that let the operation run. */
export function faultReply(fault: Fault, nowMs: number): Reply | undefined {
  const retryAfter = {
    'retry-after': String(fault.ms === undefined ? defaultRetrySeconds : Math.ceil(fault.ms / 1000)),
  }
  switch (fault.fault) {
    case '401':
      return { status: 401, body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' } }
    case '403-primary':
      return { status: 403, body: primaryLimit, headers: exhausted(nowMs + (fault.ms ?? hourMs)) }
    case '403-secondary':
      return { status: 403, body: secondaryLimit, headers: retryAfter }
    case '429':
      return { status: 429, body: secondaryLimit, headers: retryAfter }
    case '500':
      return { status: 500, text: '', contentType: 'text/plain' }
    case '502':
      return { status: 502, body: { message: 'Server Error' } }
    case 'latency':
    case 'lost-reply':
      return undefined
  }
}

const hourMs = 3_600_000

/** The primary limit names no `Retry-After`, only when the hour is over, in whole seconds. */
function exhausted(resetAtMs: number) {
  return { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(resetAtMs / 1000)) }
}

const primaryLimit = {
  documentation_url: 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api',
  message: 'API rate limit exceeded for installation.',
}
