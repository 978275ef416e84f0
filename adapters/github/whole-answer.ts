import { readWhole } from '../../ports/read-whole.ts'
import { secretOf, withoutSecrets } from '../../ports/without-secrets.ts'

/** Far more than a diff, a page of files or a blob that a review reads. */
const MAX_BYTES = 128 * 1024 * 1024
const MAX_REDIRECTS = 3
const NO_BODY = new Set([204, 205, 304])

type Fetch = typeof fetch

/**
 * A fetch for Octokit, which takes a body that breaks off for an empty one, follows any redirect, and repeats what a refusal says: here an
 * answer comes whole or not at all, a redirect stays on the host (a renamed repository), and a refusal does not hold our own token.
 */
export function wholeAnswers(fetch: Fetch, maxBytes = MAX_BYTES): Fetch {
  return async (input, init) => {
    let url = String(input)
    const isRead = (init?.method ?? 'GET') === 'GET'
    for (let hops = 0; ; hops++) {
      const reply = await fetch(url, { ...init, redirect: 'manual' })
      const next = isRead ? redirectOf(reply) : null
      if (next === null) return wholeOf(reply, init, maxBytes)
      await reply.body?.cancel()
      const target = URL.canParse(next, url) ? new URL(next, url) : null
      if (target?.origin !== new URL(url).origin)
        throw new TypeError('redirected to another host, which is not followed')
      if (hops === MAX_REDIRECTS) throw new TypeError(`redirected more than ${MAX_REDIRECTS} times`)
      url = target.href
    }
  }
}

function redirectOf({ status, headers }: Response): string | null {
  return [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null
}

async function wholeOf(reply: Response, init: RequestInit | undefined, maxBytes: number): Promise<Response> {
  const bytes = await readWhole(reply.body, maxBytes)
  const authorization = new Headers(init?.headers).get('authorization') ?? ''
  const text = () => withoutSecrets(new TextDecoder().decode(bytes), [secretOf(authorization)])
  const body = NO_BODY.has(reply.status) ? null : reply.ok ? Buffer.from(bytes) : text()
  const whole = new Response(body, { status: reply.status, headers: plainHeaders(reply, bytes.byteLength) })
  Object.defineProperty(whole, 'url', { value: reply.url })
  return whole
}

/** What is said about the bytes on the wire is no longer true of those that were read. */
function plainHeaders(reply: Response, length: number): Headers {
  const headers = new Headers([...reply.headers])
  headers.delete('content-encoding')
  headers.set('content-length', String(length))
  return headers
}
