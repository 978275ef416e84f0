import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { WebhookAnswer, WebhookRoute } from './route.ts'

/** How long the rest of a body is taken that nobody reads, so that its sender comes to reading the answer. */
const DRAIN_MS = 500

/** The route on Node's own server. */
export function createWebhookListener(route: WebhookRoute): RequestListener {
  return (incoming, outgoing) => {
    const answer = ({ status, body }: WebhookAnswer) => {
      const text = JSON.stringify(body)
      outgoing.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'x-request-id': randomUUID(),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
      })
      outgoing.end(text)
      if (!incoming.readableEnded) drain(incoming)
    }
    // Who went away gets no answer.
    route(incoming).then(answer, () => incoming.destroy())
  }
}

function drain(incoming: IncomingMessage): void {
  const { socket } = incoming
  const cut = setTimeout(() => socket.destroySoon(), DRAIN_MS)
  incoming.once('close', () => clearTimeout(cut))
  incoming.resume()
}
