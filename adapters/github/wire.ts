import { Octokit } from '@octokit/rest'
import { wholeAnswers } from './whole-answer.ts'

/** One request, complete but for who asks. */
export interface WireRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  /** Parsed where it is JSON, else its text. */
  readonly body: unknown
}

export interface Wire {
  /** The request that a route of GitHub's documents means with these parameters; parameters that are no part of the path are its query or body. */
  build(route: string, parameters: Readonly<Record<string, unknown>>): WireRequest
  /** Whatever GitHub answers is a reply; throws when none came whole. */
  send(request: WireRequest, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Reply>
}

/**
 * Octokit knows how GitHub wants a request. The answer is read here: Octokit's own reading walks every answer for integers that no double
 * holds, and only the few that hold one (ids of deliveries) need that.
 */
export function createWire(baseUrl: string, fetch: typeof globalThis.fetch): Wire {
  const { endpoint } = new Octokit({ baseUrl, userAgent: 'devloop' }).request
  const fetchWhole = wholeAnswers(fetch)
  return {
    build: (route, parameters) => endpoint(route, parameters),
    async send({ method, url, headers, body }, more, signal) {
      const reply = await fetchWhole(url, {
        method,
        headers: plain({ ...headers, ...more }),
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal,
      })
      return { status: reply.status, headers: Object.fromEntries(reply.headers), body: read(await reply.text(), reply) }
    },
  }
}

function plain(headers: WireRequest['headers']): Record<string, string> {
  const all = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  return Object.fromEntries(all.filter(([, value]) => value !== 'undefined'))
}

/** What claims to be JSON and is not stays a text, which no schema takes for an answer. */
function read(text: string, { headers }: Response): unknown {
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get('content-type') ?? '')) return text
  try {
    return LONG_INTEGER.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
  } catch {
    return text
  }
}

/** A number of so many digits may be one that a double cannot hold; within a text it costs a second look, no more. */
const LONG_INTEGER = /[:[,]\s*-?\d{16}/

function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value)
  return isRounded && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context?.source ?? '') : value
}
