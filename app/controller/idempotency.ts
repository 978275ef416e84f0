import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock, Random } from '../../ports/clock.ts'
import type { FactStore, Json } from '../../ports/store.ts'
import { RequestRefused } from './problem.ts'

const KEEP_MS = 24 * 3_600_000
const SWEEP_MS = 3_600_000
/** A claim that is not renewed for so long belongs to a process that is gone. */
const CLAIM_MS = 60_000
const RENEW_MS = 20_000
const PREFIX = 'idempotency/'

const record = z.object({
  requestHash: z.string(),
  at: z.number(),
  /** While the first request runs: who runs it, and until when that counts. */
  claim: z.object({ holder: z.string(), until: z.number() }).optional(),
  answer: z.unknown().optional(),
})

/** What a request with an `Idempotency-Key` found: the answer given before, or the right to make it. */
export type Claim<T> =
  | { readonly kind: 'known'; readonly answer: T }
  | {
      readonly kind: 'first'
      /** Repeats get this answer from now on. */
      keep(answer: T): Promise<void>
      /** There is no answer to keep: a repeat runs anew. */
      drop(): Promise<void>
    }

export interface Idempotency {
  /** `request` is everything that makes two requests the same one. Throws `RequestRefused`. */
  claim<T extends Json>(keyId: string, header: string | undefined, request: unknown): Promise<Claim<T>>
}

const unclaimed = { kind: 'first', keep: async () => {}, drop: async () => {} } as const

/**
 * `Idempotency-Key`: the same key with the same request is answered from memory for a day, on every replica; with another request it is
 * refused (422), and while the first is still running a repeat is refused too (409). Each API key has its own. Failures are not kept.
 */
export function createIdempotency(world: {
  readonly facts: FactStore
  readonly clock: Clock
  readonly random: Random
}): Idempotency {
  const { facts, clock, random } = world
  let sweptAt = clock.now()

  async function sweep(now: number): Promise<void> {
    if (now - sweptAt < SWEEP_MS) return
    sweptAt = now
    for (const [name, value] of await facts.listByPrefix(PREFIX)) {
      if ((record.safeParse(value).data?.at ?? 0) <= now - KEEP_MS) await facts.delete(name)
    }
  }

  function hold(name: string, first: Json & object, renewed: (until: number) => Json & object) {
    const end = new AbortController()
    let held: Json = first
    const renewing = (async () => {
      for (;;) {
        await clock.sleep(RENEW_MS, end.signal)
        const next = renewed(clock.now() + CLAIM_MS)
        if (!(await facts.swap(name, held, next))) return
        held = next
      }
    })().catch(() => {})
    return async (value: Json): Promise<void> => {
      end.abort()
      await renewing
      await facts.swap(name, held, value)
      await sweep(clock.now())
    }
  }

  return {
    async claim<T extends Json>(keyId: string, header: string | undefined, request: unknown): Promise<Claim<T>> {
      if (header === undefined) return unclaimed
      if (header.length > 200) {
        throw new RequestRefused(
          400,
          'invalid-idempotency-key',
          'Idempotency-Key is longer than 200 characters.',
          'Send a UUID.',
        )
      }
      const name = `${PREFIX}${keyId}/${hash(header)}`
      const requestHash = hash(JSON.stringify(request))
      const now = clock.now()
      const current = await facts.get(name)
      const known = record.safeParse(current).data
      const isRunning = known?.claim !== undefined && known.claim.until > now
      const isKept = known?.answer !== undefined && known.at > now - KEEP_MS
      if ((isRunning || isKept) && known.requestHash !== requestHash) throw reused()
      if (isKept) return { kind: 'known', answer: known.answer as T }
      const holder = random.ulid(now)
      const claimed = (until: number) => ({ requestHash, at: now, claim: { holder, until } })
      const first = claimed(now + CLAIM_MS)
      if (isRunning || !(await facts.swap(name, current, first))) throw running()
      const settle = hold(name, first, claimed)
      return {
        kind: 'first',
        keep: (answer) => settle({ requestHash, at: clock.now(), answer }),
        drop: () => settle({ requestHash, at: now }),
      }
    },
  }
}

function reused(): RequestRefused {
  return new RequestRefused(
    422,
    'idempotency-key-reused',
    'This Idempotency-Key came with another request before.',
    'Use a fresh key for a new request.',
  )
}

function running(): RequestRefused {
  return new RequestRefused(
    409,
    'in-progress',
    'The request with this Idempotency-Key is still running.',
    'Wait for its answer.',
    2,
  )
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
