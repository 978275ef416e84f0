import { Agent, request } from 'undici'
import { type SignedDelivery, signedExamples } from './signed-examples.ts'

export interface Sent {
  /** Rising. */
  readonly latenciesMs: readonly number[]
  /** Answered with anything but 2xx. */
  readonly refused: number
  readonly perSecond: number
}

interface Address {
  readonly url: string
  readonly secret: string
}

/** GitHub's own examples one after the other, each as a delivery of its own, at a pace that does not wait for answers. */
export async function sendSteadily(
  target: Address,
  pace: { readonly perSecond: number; readonly seconds: number },
): Promise<Sent> {
  const examples = signedExamples(target.secret)
  const agent = new Agent({ connections: 32 })
  const sent = createRecord(target.url, agent)
  const beganAt = performance.now()
  const answers: Promise<void>[] = []
  for (let index = 0; index < pace.perSecond * pace.seconds; index++) {
    const dueAt = beganAt + (index * 1_000) / pace.perSecond
    const waitMs = dueAt - performance.now()
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    answers.push(sent.send(examples.next()))
  }
  await Promise.all(answers)
  await agent.close()
  return sent.end()
}

/** As many connections, each sending as soon as it is answered: what the target can take. */
export async function sendAsFastAsItAnswers(
  target: Address,
  load: { readonly connections: number; readonly seconds: number },
): Promise<Sent> {
  const examples = signedExamples(target.secret)
  const agent = new Agent({ connections: load.connections })
  const sent = createRecord(target.url, agent)
  const until = performance.now() + load.seconds * 1_000
  await Promise.all(
    Array.from({ length: load.connections }, async () => {
      while (performance.now() < until) await sent.send(examples.next())
    }),
  )
  await agent.close()
  return sent.end()
}

function createRecord(url: string, agent: Agent) {
  const latenciesMs: number[] = []
  let refused = 0
  const startedAt = performance.now()
  return {
    async send({ body, headers }: SignedDelivery): Promise<void> {
      const sentAt = performance.now()
      const answer = await request(url, { method: 'POST', body, headers, dispatcher: agent })
      latenciesMs.push(performance.now() - sentAt)
      if (answer.statusCode >= 300) refused += 1
      await answer.body.dump()
    },
    end: (): Sent => ({
      latenciesMs: latenciesMs.sort((one, other) => one - other),
      refused,
      perSecond: (latenciesMs.length * 1_000) / (performance.now() - startedAt),
    }),
  }
}
