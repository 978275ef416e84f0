import { createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { Agent, request } from 'undici'

export interface Sent {
  /** Rising. */
  readonly latenciesMs: readonly number[]
  /** Answered with anything but 202. */
  readonly refused: number
}

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly {
  readonly name: string
  readonly examples: readonly object[]
}[]

/** GitHub's own examples one after the other, each as a delivery of its own, at a pace that does not wait for answers. */
export async function sendSteadily(
  target: { readonly url: string; readonly secret: string },
  pace: { readonly perSecond: number; readonly seconds: number },
): Promise<Sent> {
  const payloads = examples.flatMap(({ name, examples: all }) => all.map((one) => prepare(name, one, target.secret)))
  const agent = new Agent({ connections: 32 })
  const latenciesMs: number[] = []
  let refused = 0
  const beganAt = performance.now()
  const answers: Promise<void>[] = []
  for (let index = 0; index < pace.perSecond * pace.seconds; index++) {
    const dueAt = beganAt + (index * 1_000) / pace.perSecond
    const waitMs = dueAt - performance.now()
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const payload = payloads[index % payloads.length]
    if (payload === undefined) break
    answers.push(send(payload))
  }
  await Promise.all(answers)
  await agent.close()
  return { latenciesMs: latenciesMs.sort((one, other) => one - other), refused }

  async function send({ body, headers }: ReturnType<typeof prepare>): Promise<void> {
    const sentAt = performance.now()
    const own = { ...headers, 'x-github-delivery': randomUUID() }
    const answer = await request(target.url, { method: 'POST', body, headers: own, dispatcher: agent })
    latenciesMs.push(performance.now() - sentAt)
    if (answer.statusCode !== 202) refused += 1
    await answer.body.dump()
  }
}

function prepare(event: string, payload: object, secret: string) {
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
