import { deliveryId } from '../../ports/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Inbox } from './inbox.ts'
import { maskPayload } from './mask-payload.ts'
import { readBody } from './read-body.ts'
import { hasValidSignature } from './signature.ts'

/** GitHub caps payloads at 25 MB. */
const MAX_BYTES = 25 * 1024 * 1024

export interface WebhookRouteOptions {
  readonly secret: string
  readonly inbox: Pick<Inbox, 'accept'>
  readonly clock: Clock
}

/**
 * Answers `POST` of one webhook: verified, stored, answered; nothing else happens inside the request. Mount it at the webhook path with
 * the plain `Request`.
 */
export function createWebhookRoute({
  secret,
  inbox,
  clock,
}: WebhookRouteOptions): (request: Request) => Promise<Response> {
  if (secret === '') throw new RangeError('a webhook secret is needed: without one anybody could send webhooks')
  return async (request) => {
    if (request.method !== 'POST') return refusal(405, 'Webhooks are sent by POST.')
    const event = request.headers.get('x-github-event')
    const id = deliveryId.safeParse(request.headers.get('x-github-delivery'))
    const signature = request.headers.get('x-hub-signature-256')
    if (event === null || !id.success)
      return refusal(400, 'The headers X-GitHub-Event and X-GitHub-Delivery are needed.')
    if (signature === null) return refusal(400, 'The header X-Hub-Signature-256 is needed: set a webhook secret.')
    if (!isJson(request)) return refusal(415, 'Set the content type of the webhook to application/json.')
    const body = await readBody(request, MAX_BYTES)
    if (body === null) return refusal(413, 'The payload is larger than 25 MB.')
    if (!hasValidSignature(secret, body, signature))
      return refusal(401, 'The signature does not fit the webhook secret.')
    const text = new TextDecoder().decode(body)
    const object = parseObject(text)
    if (object === null) return refusal(400, 'The payload is no JSON object.')
    const payload = maskPayload(text, object)
    try {
      const fate = await inbox.accept({ id: id.data, event, receivedAt: clock.now(), payload })
      return Response.json({ fate }, { status: fate === 'stored' ? 202 : 200 })
    } catch {
      // GitHub keeps it as failed, and the upkeep has it redelivered.
      return refusal(503, 'The delivery could not be stored; it will be asked for again.')
    }
  }
}

function isJson(request: Request): boolean {
  return /^application\/json\b/i.test(request.headers.get('content-type') ?? '')
}

/** Cheap for the usual payload; the parsed value is not kept, since a worker reads the stored one. */
function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

function refusal(status: number, message: string): Response {
  return Response.json({ error: message }, { status })
}
