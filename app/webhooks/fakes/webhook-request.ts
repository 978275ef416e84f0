import { Readable } from 'node:stream'
import type { WebhookRequest } from '../route.ts'

/** A webhook as Node's server would hand it over, without a server. */
export function webhookRequest(
  method: string,
  headers: Readonly<Record<string, string | undefined>>,
  body: string | Uint8Array | Readable = '',
): WebhookRequest {
  const stream = body instanceof Readable ? body : Readable.from([Buffer.from(body)], { objectMode: false })
  return Object.assign(stream, { method, headers })
}
