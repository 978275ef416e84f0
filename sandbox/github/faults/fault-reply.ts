import type { Reply } from '../rest/route.ts'
import type { Fault } from './fault-plan.ts'

const defaultRetrySeconds = 60

/** What GitHub's front answers instead of the operation; undefined for faults that let the operation run. */
export function faultReply(fault: Fault): Reply | undefined {
  const retryAfter = {
    'retry-after': String(fault.ms === undefined ? defaultRetrySeconds : Math.ceil(fault.ms / 1000)),
  }
  switch (fault.fault) {
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

const secondaryLimit = {
  documentation_url:
    'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
  message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
}
