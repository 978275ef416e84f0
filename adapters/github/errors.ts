import { GithubError, type GithubErrorCode, isCodedError } from '../../ports/errors.ts'

/** What a failed request left behind: an HTTP reply, or none at all when the connection was lost. */
export interface FailedCall {
  /** `GET /repos/o/r/pulls/7`. */
  readonly what: string
  readonly isWrite: boolean
  /** A write that may simply be sent again, whatever became of it. */
  readonly isRepeatable: boolean
  /** Undefined when no reply came. */
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly body: unknown
  readonly cause: unknown
}

const MAX_MESSAGE_CHARS = 300

/** Says which code a failed call has, who must act, and when it may be tried again. */
export function toGithubError(call: FailedCall, nowMs: number): GithubError {
  const retryAfterMs = retryAfter(call, nowMs)
  const code = codeOf(call)
  const said = messageOf(call.body)
  const came = call.status === undefined ? 'no reply came' : `GitHub answered ${call.status}${said && `: ${said}`}`
  return new GithubError({
    code,
    message: `${call.what} failed: ${came}.`,
    remedy: remedies[code],
    owner: owners[code],
    facts: {
      call: call.what,
      status: call.status ?? null,
      ...(typeof call.headers['x-accepted-github-permissions'] === 'string' && {
        permissions: call.headers['x-accepted-github-permissions'],
      }),
    },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(call.cause !== undefined && { cause: call.cause }),
  })
}

/** A reply that came but is not what the schema expects. */
export function unreadable(what: string, isWrite: boolean, cause: unknown): GithubError {
  return new GithubError({
    code: isWrite ? 'unknown-outcome' : 'unreadable',
    message: `${what} was answered with something that cannot be read.`,
    remedy: remedies[isWrite ? 'unknown-outcome' : 'unreadable'],
    owner: 'retry',
    facts: { call: what },
    cause,
  })
}

export function isGithubCode(error: unknown, ...codes: readonly GithubErrorCode[]): boolean {
  return isCodedError(error) && codes.some((code) => code === error.code)
}

function codeOf(call: FailedCall): GithubErrorCode {
  const { status } = call
  if (isRateLimited(call)) return 'rate-limited'
  if (status === undefined || status >= 500)
    return call.isWrite && !call.isRepeatable ? 'unknown-outcome' : 'unavailable'
  if (status === 401) return 'unauthorized'
  // The owner can take it back at any time, and what was begun then goes on.
  if (status === 403 && /installation has been suspended/i.test(messageOf(call.body))) return 'unavailable'
  if (status === 403 || status === 451) return 'forbidden'
  if (status === 404 || status === 410) return 'not-found'
  if (status === 409) return 'conflict'
  return 'invalid'
}

/** GitHub says both limits with 403 or 429; a plain 403 means a missing permission. */
function isRateLimited({ status, headers, body }: FailedCall): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  if (headers['retry-after'] !== undefined || String(headers['x-ratelimit-remaining']) === '0') return true
  return /rate limit|abuse/i.test(messageOf(body))
}

function retryAfter(call: FailedCall, nowMs: number): number | undefined {
  if (!isRateLimited(call)) return undefined
  const seconds = Number(call.headers['retry-after'])
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000
  const reset = Number(call.headers['x-ratelimit-reset'])
  if (String(call.headers['x-ratelimit-remaining']) === '0' && Number.isFinite(reset))
    return Math.max(0, reset * 1000 - nowMs) + 1000
  // GitHub's advice for a secondary limit without a header.
  return 60_000
}

function messageOf(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('message' in body)) return ''
  const errors = 'errors' in body && Array.isArray(body.errors) ? ` ${JSON.stringify(body.errors)}` : ''
  return `${String(body.message)}${errors}`.slice(0, MAX_MESSAGE_CHARS)
}

const owners = {
  unauthorized: 'operator',
  forbidden: 'operator',
  'not-found': 'user',
  'rate-limited': 'retry',
  invalid: 'user',
  conflict: 'retry',
  unavailable: 'retry',
  'unknown-outcome': 'retry',
  unreadable: 'retry',
} as const satisfies Record<GithubErrorCode, 'user' | 'operator' | 'retry'>

const remedies: Record<GithubErrorCode, string> = {
  unauthorized: 'Check APP_ID and PRIVATE_KEY, or the token.',
  forbidden: 'Grant the App (or the token) the permission this call needs, and accept it in the installation.',
  'not-found': 'Check that it exists and that the App is installed on the repository.',
  'rate-limited': 'Wait until GitHub allows more requests.',
  invalid: 'Correct what was sent; GitHub names the field.',
  conflict: 'Read the newest state and try again.',
  unavailable: 'Try again; see githubstatus.com if it lasts.',
  'unknown-outcome': 'Look whether it happened before sending it again.',
  unreadable: 'Try again; report it if it lasts.',
}
