import type { Log } from '../ports/log.ts'

/** Brings webhooks from a smee.io channel to a server on this machine, for development. Answers how to end it. */
export async function forwardFromSmee(source: string, target: string, log: Log): Promise<() => Promise<void>> {
  const { SmeeClient } = await import('smee-client')
  const logger = {
    info: (text: unknown) => log.debug({ smee: source }, String(text)),
    error: (text: unknown) => log.warn({ smee: source }, String(text)),
  }
  const client = new SmeeClient({ source, target, logger, maxConnectionTimeout: 10_000 })
  await client.start()
  return () => client.stop()
}
