import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { Clock } from '../../ports/clock.ts'
import { deliveryId } from '../../ports/ids.ts'
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

/** A request as Node's own server hands it over: the usual detour by `Request` and its streams costs more than all that is done here. */
export type WebhookRequest = Readable & Pick<IncomingMessage, 'method' | 'headers'>

export interface WebhookAnswer {
  readonly status: number
  readonly body: { readonly fate: 'stored' | 'duplicate' } | { readonly error: string }
}

export type WebhookRoute = (request: WebhookRequest) => Promise<WebhookAnswer>

/** Answers `POST` of one webhook: verified, stored, answered; nothing else happens inside the request. Rejects when the sender goes away. */
export function createWebhookRoute({ secret, inbox, clock }: WebhookRouteOptions): WebhookRoute {
  if (secret === '') throw new RangeError('a webhook secret is needed: without one anybody could send webhooks')
  return async (request) => {
    if (request.method !== 'POST') return refusal(405, 'Webhooks are sent by POST.')
    const event = headerOf(request, 'x-github-event')
    const id = deliveryId.safeParse(headerOf(request, 'x-github-delivery'))
    const signature = headerOf(request, 'x-hub-signature-256')
    if (event === null || !id.success)
      return refusal(400, 'The headers X-GitHub-Event and X-GitHub-Delivery are needed.')
    if (signature === null) return refusal(400, 'The header X-Hub-Signature-256 is needed: set a webhook secret.')
    if (!/^application\/json\b/i.test(headerOf(request, 'content-type') ?? ''))
      return refusal(415, 'Set the content type of the webhook to application/json.')
    const isTooLong = Number(headerOf(request, 'content-length') ?? 0) > MAX_BYTES
    const body = isTooLong ? null : await readBody(request, MAX_BYTES)
    if (body === null) return refusal(413, 'The payload is larger than 25 MB.')
    if (!hasValidSignature(secret, body, signature))
      return refusal(401, 'The signature does not fit the webhook secret.')
    const text = textOf(body)
    const object = parseObject(text)
    if (object === null) return refusal(400, 'The payload is no JSON object.')
    const payload = maskPayload(text, object)
    try {
      const fate = await inbox.accept({ id: id.data, event, receivedAt: clock.now(), payload })
      return { status: fate === 'stored' ? 202 : 200, body: { fate } }
    } catch {
      // GitHub keeps it as failed, and the upkeep has it redelivered.
      return refusal(503, 'The delivery could not be stored; it will be asked for again.')
    }
  }
}

function headerOf({ headers }: WebhookRequest, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' ? value : null
}

/** Without the mark that some senders put before a text. */
function textOf(body: Buffer): string {
  const text = body.toString('utf8')
  return text.startsWith('\ufeff') ? text.slice(1) : text
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

function refusal(status: number, error: string): WebhookAnswer {
  return { status, body: { error } }
}
