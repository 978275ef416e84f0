import { createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'

export interface SignedDelivery {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly {
  readonly name: string
  readonly examples: readonly object[]
}[]

/** GitHub's own example payloads, signed; each call of `next` is a delivery of its own. */
export function signedExamples(secret: string): { next(): SignedDelivery } {
  const all = examples.flatMap(({ name, examples: payloads }) => payloads.map((payload) => sign(name, payload, secret)))
  let index = 0
  return {
    next() {
      const one = all[index++ % all.length]
      if (one === undefined) throw new RangeError('there are no example payloads')
      return { body: one.body, headers: { ...one.headers, 'x-github-delivery': randomUUID() } }
    },
  }
}

function sign(event: string, payload: object, secret: string): SignedDelivery {
  const body = JSON.stringify(payload)
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-hub-signature-256': `sha256=${signature}`,
    },
  }
}
