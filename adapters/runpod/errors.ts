import { PodsError, type PodsErrorCode } from '../../ports/errors.ts'

/** What came back from RunPod, whatever its form. */
export interface RunpodRefusal {
  readonly call: string
  /** POST bodies may have been acted upon even when the answer is a 5xx. */
  readonly creates: boolean
  readonly status: number
  readonly body: string
  readonly requestId: string | null
  readonly retryAfterMs: number | undefined
}

interface Verdict {
  readonly code: PodsErrorCode
  readonly owner: 'user' | 'operator' | 'retry'
  readonly remedy: string
}

/** Capacity has no machine-readable code; these are the known texts of `detail`. */
const CAPACITY =
  /no\s+(longer\s+any\s+)?instances|no (gpu|machine)s? available|not enough free gpus|out of capacity|insufficient capacity/i

/** Turns a refusal (problem+json, v1 `{message}`, HTML or nothing) into one typed error; the status decides, never the body alone. */
export function podsErrorFrom(refusal: RunpodRefusal): PodsError {
  const detail = detailOf(refusal.body)
  const verdict = judge(refusal, detail)
  const said = detail === '' ? 'an empty body' : `"${detail}"`
  return new PodsError({
    code: verdict.code,
    owner: verdict.owner,
    message: `RunPod answered ${refusal.status} to ${refusal.call}: ${said}.`,
    remedy: verdict.remedy,
    facts: { status: refusal.status, requestId: refusal.requestId, detail },
    ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: refusal.retryAfterMs }),
  })
}

/** No answer at all, or one that cannot be read: for a create that is an unknown outcome, for all else just unavailable. */
export function lostReply(call: string, creates: boolean, cause: unknown): PodsError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new PodsError({
    code: creates ? 'unknown-outcome' : 'unavailable',
    owner: 'retry',
    message: `RunPod gave no answer to ${call}: ${why}.`,
    remedy: creates ? 'List pods by name before anything else: the pod may exist.' : 'Try again later.',
    cause,
  })
}

export function unreadableReply(call: string, creates: boolean, cause: unknown): PodsError {
  return new PodsError({
    code: creates ? 'unknown-outcome' : 'unreadable',
    owner: 'retry',
    message: `RunPod answered ${call} with success but not in the documented form.`,
    remedy: creates
      ? 'List pods by name before anything else: the pod may exist.'
      : 'Try again; if it stays, the API has changed.',
    cause,
  })
}

function judge({ status, creates }: RunpodRefusal, detail: string): Verdict {
  if (CAPACITY.test(detail) && (status === 400 || status === 409)) {
    return { code: 'no-capacity', owner: 'retry', remedy: 'Try the next GPU type or cloud, or wait.' }
  }
  switch (status) {
    case 401:
      return { code: 'unauthorized', owner: 'operator', remedy: 'Set RUNPOD_API_KEY to a valid key of this account.' }
    case 402:
      return { code: 'no-balance', owner: 'operator', remedy: 'Add credit to the RunPod account; nothing was rented.' }
    case 403:
      return creates
        ? {
            code: 'pool-forbidden',
            owner: 'operator',
            remedy: 'Choose another GPU type, or ask RunPod for access to this pool.',
          }
        : { code: 'unauthorized', owner: 'operator', remedy: 'Give RUNPOD_API_KEY read and write permission for pods.' }
    case 404:
      return { code: 'not-found', owner: 'operator', remedy: 'Check the ids in the request; the thing does not exist.' }
    case 409:
      return { code: 'conflict', owner: 'retry', remedy: 'Read the pod again and decide anew.' }
    case 429:
      return { code: 'rate-limited', owner: 'retry', remedy: 'Wait as long as RunPod says.' }
  }
  if (status === 408 || status >= 500) {
    return creates
      ? {
          code: 'unknown-outcome',
          owner: 'retry',
          remedy: 'List pods by name before anything else: the pod may exist.',
        }
      : { code: 'unavailable', owner: 'retry', remedy: 'Try again later.' }
  }
  return {
    code: 'rule-broken',
    owner: 'operator',
    remedy: 'Correct the fleet settings named in the answer; trying again changes nothing.',
  }
}

const MAX_DETAIL = 500

/** The most telling words of a body. Our request is never echoed: only named fields and visible text are taken. */
function detailOf(body: string): string {
  const parsed = parseJson(body)
  if (parsed === undefined) return visibleText(body)
  if (typeof parsed !== 'object' || parsed === null) return ''
  const fields = parsed as Readonly<Record<string, unknown>>
  const main = [fields.detail, fields.message, fields.error, fields.title].find((text) => typeof text === 'string')
  const errors = Array.isArray(fields.errors) ? fields.errors.filter((text) => typeof text === 'string') : []
  return clip([main, ...errors].filter((text) => text !== undefined).join('; '))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function visibleText(html: string): string {
  return clip(
    html
      .replaceAll(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
      .replaceAll(/<[^<>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
}

function clip(text: string): string {
  return text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text
}
