import { Agent, fetch as undiciFetch } from 'undici'
import { readWhole } from '../ports/read-whole.ts'

/** Header and body timeouts are off, since a model may think for minutes; every caller brings a signal with its own limit. */
const openAgent = () =>
  new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 20_000 }, keepAliveTimeout: 10_000 })
let agent = openAgent()

export type HttpInit = NonNullable<Parameters<typeof undiciFetch>[1]>

/** Far more than any vendor has to say at once. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024

/** undici's own fetch: the platform's refuses agents of another undici. `text` of an answer that unpacks to a flood fails. */
export async function httpFetch(url: string, init: HttpInit): ReturnType<typeof undiciFetch> {
  const reply = await undiciFetch(url, { ...init, dispatcher: agent })
  const text = async () => new TextDecoder().decode(await readWhole(reply.body, MAX_TEXT_BYTES))
  return Object.defineProperties(reply, {
    text: { value: text },
    json: { value: async (): Promise<unknown> => JSON.parse(await text()) },
  })
}

/** Ends idle connections, so that a process that is done can exit; later calls open new ones. */
export async function closeHttp(): Promise<void> {
  const used = agent
  agent = openAgent()
  await used.close()
}
