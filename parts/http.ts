import { Agent, fetch as undiciFetch } from 'undici'

/** Header and body timeouts are off, since a model may think for minutes; every caller brings a signal with its own limit. */
const openAgent = () =>
  new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 20_000 }, keepAliveTimeout: 10_000 })
let agent = openAgent()

export type HttpInit = NonNullable<Parameters<typeof undiciFetch>[1]>

/** undici's own fetch: the platform's refuses agents of another undici. */
export function httpFetch(url: string, init: HttpInit): ReturnType<typeof undiciFetch> {
  return undiciFetch(url, { ...init, dispatcher: agent })
}

/** Ends idle connections, so that a process that is done can exit; later calls open new ones. */
export async function closeHttp(): Promise<void> {
  const used = agent
  agent = openAgent()
  await used.close()
}
