import { createHash } from 'node:crypto'
import type { Clock } from '../../ports/clock.ts'
import type { FactStore, Json } from '../../ports/store.ts'
import { RequestRefused } from './problem.ts'

const KEEP_MS = 24 * 3_600_000
const SWEEP_MS = 3_600_000
const PREFIX = 'idempotency/'

interface Remembered {
  readonly requestHash: string
  readonly at: number
  readonly answer: Json
}

/**
 * `Idempotency-Key`: the same key with the same request is answered from memory for a day; with another request it is refused (422), and
 * while the first is still running a repeat is refused too (409).
 */
export function createIdempotency(world: { readonly facts: FactStore; readonly clock: Clock }) {
  const running = new Set<string>()
  let sweptAt = world.clock.now()

  async function sweep(now: number): Promise<void> {
    if (now - sweptAt < SWEEP_MS) return
    sweptAt = now
    for (const [name, value] of await world.facts.listByPrefix(PREFIX)) {
      if ((remembered(value)?.at ?? 0) <= now - KEEP_MS) await world.facts.delete(name)
    }
  }

  return async function once<T extends Json>(
    keyId: string,
    header: string | undefined,
    request: unknown,
    body: () => Promise<T>,
  ): Promise<T> {
    if (header === undefined) return body()
    if (header.length > 200)
      throw new RequestRefused(
        400,
        'invalid-idempotency-key',
        'Idempotency-Key is longer than 200 characters.',
        'Send a UUID.',
      )
    const name = `${PREFIX}${keyId}/${hash(header)}`
    const requestHash = hash(JSON.stringify(request))
    const known = remembered(await world.facts.get(name))
    if (known && known.at > world.clock.now() - KEEP_MS) {
      if (known.requestHash !== requestHash) {
        throw new RequestRefused(
          422,
          'idempotency-key-reused',
          'This Idempotency-Key came with another request before.',
          'Use a fresh key for a new request.',
        )
      }
      return known.answer as T
    }
    if (running.has(name)) {
      throw new RequestRefused(
        409,
        'in-progress',
        'The request with this Idempotency-Key is still running.',
        'Wait for its answer.',
        2,
      )
    }
    running.add(name)
    try {
      const answer = await body()
      await world.facts.set(name, { requestHash, at: world.clock.now(), answer })
      await sweep(world.clock.now())
      return answer
    } finally {
      running.delete(name)
    }
  }
}

function remembered(value: Json | undefined): Remembered | undefined {
  if (
    typeof value !== 'object' ||
    value === null ||
    !('requestHash' in value) ||
    !('at' in value) ||
    !('answer' in value)
  )
    return undefined
  const { requestHash, at, answer } = value
  return typeof requestHash === 'string' && typeof at === 'number' && answer !== undefined
    ? { requestHash, at, answer }
    : undefined
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
