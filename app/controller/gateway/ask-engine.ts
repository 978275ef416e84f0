import { ModelError } from '../../../ports/errors.ts'
import { readWhole } from '../../../ports/read-whole.ts'
import { withoutSecrets } from '../../../ports/without-secrets.ts'
import type { EngineUse } from '../engine-share.ts'
import { type ProblemStatus, RequestRefused } from '../problem.ts'

const MAX_REFUSAL_BYTES = 100_000

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Sends one request to the engine of a share. Rejects with what went wrong, an engine's own refusal included. */
export async function askEngine(
  use: EngineUse,
  request: { readonly path: string; readonly body: unknown; readonly signal: AbortSignal },
  fetch: Fetch,
): Promise<Response> {
  const { url, token } = use.lease.address
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (token !== null) headers.authorization = `Bearer ${token}`
  const init = { method: 'POST', headers, body: JSON.stringify(request.body), signal: request.signal } as const
  const answer = await fetch(`${url}${request.path}`, { ...init, redirect: 'error' }).catch((error: unknown) => {
    throw lostCall(error, use, request.signal)
  })
  if (!answer.ok) throw engineRefusal(answer.status, withoutSecrets(await refusalText(answer), [token ?? '']))
  return answer
}

/** Only its first words are passed on. */
async function refusalText(answer: Response): Promise<string> {
  const bytes = answer.body === null ? null : await readWhole(answer.body, MAX_REFUSAL_BYTES).catch(() => null)
  return bytes === null ? '' : new TextDecoder().decode(bytes)
}

/** Why a call ended without its answer: the pod went, the client went, or the road to the engine broke. */
export function lostCall(error: unknown, { lost }: EngineUse, signal: AbortSignal): Error {
  if (lost.aborted) {
    if (lost.reason instanceof Error && 'code' in lost.reason && lost.reason.code === 'budget-reached')
      return lost.reason
    return new ModelError({
      code: 'not-ready',
      owner: 'retry',
      message: 'The pod was lost during the call.',
      remedy: 'Send the request again.',
      cause: error,
    })
  }
  if (signal.aborted)
    return new ModelError({
      code: 'aborted',
      owner: 'user',
      message: 'The client went away.',
      remedy: '',
      cause: error,
    })
  return new ModelError({
    code: 'not-ready',
    owner: 'retry',
    message: 'The engine did not take the call, or broke it off.',
    remedy: 'Send the request again.',
    cause: error,
  })
}

const CODES: Partial<Record<ProblemStatus, string>> = {
  400: 'refused-input',
  404: 'model-missing',
  413: 'body-too-large',
  429: 'busy',
  503: 'busy',
}

/** The engine's own words, as clients of Ollama know them. */
function engineRefusal(status: number, body: string): RequestRefused {
  const said = errorText(body).slice(0, 500) || `The engine answered ${status}.`
  const own = status === 400 || status === 404 || status === 413 || status === 429 || status === 503 ? status : 502
  return new RequestRefused(own, CODES[own] ?? 'crashed', said, '', own === 503 || own === 429 ? 2 : undefined)
}

function errorText(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) return String(parsed.error)
  } catch {
    return body
  }
  return body
}
