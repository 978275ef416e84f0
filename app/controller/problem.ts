import type { Context } from 'hono'
import { type CodedError, isCodedError } from '../../ports/errors.ts'

/** RFC 9457, with our closed code and the one sentence on what to do. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly remedy: string
  readonly requestId: string
}

export type ProblemStatus = 400 | 401 | 402 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 499 | 500 | 502 | 503 | 504

const TITLES: Readonly<Record<ProblemStatus, string>> = {
  400: 'Bad request',
  401: 'Key missing or unknown',
  402: 'Budget reached',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'The request does not fit',
  429: 'Too many requests',
  499: 'Client closed the request',
  500: 'Internal fault',
  502: 'The engine failed',
  503: 'No engine',
  504: 'The engine took too long',
}

/** Refuses a request at the controller's door. */
export class RequestRefused extends Error {
  readonly status: ProblemStatus
  readonly code: string
  readonly remedy: string
  readonly retryAfterSeconds: number | undefined

  constructor(status: ProblemStatus, code: string, message: string, remedy: string, retryAfterSeconds?: number) {
    super(message)
    this.name = 'RequestRefused'
    this.status = status
    this.code = code
    this.remedy = remedy
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Any failure as a refusal with the right status; unknown ones say nothing of their inside. */
export function refusalOf(error: unknown): RequestRefused {
  if (error instanceof RequestRefused) return error
  if (isCodedError(error)) {
    const retryAfter = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1000)
    const status = statusOf(error)
    return new RequestRefused(
      status,
      error.code,
      error.message,
      error.remedy,
      retryAfter ?? (status === 503 ? 30 : undefined),
    )
  }
  return new RequestRefused(
    500,
    'internal',
    'The controller met an unexpected fault.',
    'Try again; the log line with this request id says more.',
  )
}

export function problemResponse(context: Context, refusal: RequestRefused): Response {
  const body: Problem = {
    type: 'about:blank',
    title: TITLES[refusal.status],
    status: refusal.status,
    detail: refusal.message,
    code: refusal.code,
    remedy: refusal.remedy,
    requestId: context.get('requestId') ?? '',
  }
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  if (refusal.retryAfterSeconds !== undefined) headers['retry-after'] = String(refusal.retryAfterSeconds)
  if (refusal.status === 401) headers['www-authenticate'] = 'Bearer realm="devloop"'
  return new Response(JSON.stringify(body), { status: refusal.status, headers })
}

function statusOf(error: CodedError): ProblemStatus {
  switch (error.code) {
    case 'budget-reached':
    case 'no-balance':
      return 402
    case 'model-missing':
    case 'not-found':
      return 404
    case 'conflict':
      return 409
    case 'refused-input':
    case 'too-long':
    case 'truncated-prompt':
      return 422
    case 'limit-reached':
    case 'rate-limited':
      return 429
    case 'aborted':
    case 'cancelled':
      return 499
    case 'incomplete':
    case 'output-limit':
    case 'crashed':
    case 'unreadable':
    case 'reply-too-large':
      return 502
    case 'no-capacity':
    case 'pool-forbidden':
    case 'not-ready':
    case 'busy':
    case 'unavailable':
      return 503
    case 'timeout':
    case 'deadline':
      return 504
    default:
      return error.owner === 'user' ? 422 : error.owner === 'retry' ? 503 : 500
  }
}
