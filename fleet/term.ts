import type { Clock } from '../ports/clock.ts'
import { isCodedError } from '../ports/errors.ts'
import { type Lease, RECONCILE_LEASE } from '../ports/store.ts'
import type { FleetParts } from './parts.ts'

/** The time during which this process drives the pods. */
export interface Term {
  readonly fence: number
  /** Aborts when the term is over, whatever the reason. */
  readonly signal: AbortSignal
  /** False as soon as another process may have taken over; asked right before every call that costs money. */
  isLeading(): boolean
}

type TermParts = Pick<FleetParts, 'store' | 'clock' | 'log' | 'holder'>

/** How often whoever waits looks whether the lease is free: with 15 s, a leader that died is followed within 17.5 s. */
const LOOKS_PER_LEASE = 6

/** Waits for the lease, leads while it can be renewed, and begins again, until the signal aborts. */
export async function leadInTerms(
  parts: TermParts,
  leaseMs: number,
  signal: AbortSignal,
  lead: (term: Term) => Promise<void>,
): Promise<void> {
  const { store, clock, log, holder } = parts
  while (!signal.aborted) {
    const lease = await acquire(parts, leaseMs)
    if (lease !== undefined) await serveTerm(parts, lease, leaseMs, signal, lead)
    if (!signal.aborted) await clock.sleep(leaseMs / LOOKS_PER_LEASE, signal).catch(() => {})
  }
  await store.leases.release(RECONCILE_LEASE, holder).catch((error) => {
    log.warn({ error: textOf(error) }, 'The fleet lease was not released; it expires by itself')
  })
}

async function serveTerm(
  parts: TermParts,
  lease: Lease,
  leaseMs: number,
  signal: AbortSignal,
  lead: (term: Term) => Promise<void>,
): Promise<void> {
  const { clock, log, holder } = parts
  const over = new AbortController()
  const termSignal = AbortSignal.any([signal, over.signal])
  let expiresAt = lease.expiresAt
  const lapse = new Lapse(clock, leaseMs, termSignal, () => over.abort(new Error('the fleet lease ran out')))
  lapse.begin()
  const isLeading = () => !termSignal.aborted && clock.now() < expiresAt
  const renew = async () => {
    for (;;) {
      await clock.sleep(leaseMs / 3, termSignal)
      const renewed = await acquire(parts, leaseMs)
      if (renewed !== undefined && renewed.fence === lease.fence) {
        expiresAt = renewed.expiresAt
        lapse.begin()
      } else if (renewed !== undefined || !isLeading()) return over.abort(new Error('the fleet lease has passed on'))
    }
  }
  const renewing = renew().catch(() => {})
  try {
    log.info({ holder, fence: lease.fence }, 'This process drives the pods now')
    await lead({ fence: lease.fence, signal: termSignal, isLeading })
  } catch (error) {
    if (!termSignal.aborted) log.warn({ error: textOf(error) }, 'A term of driving the pods ended early')
  } finally {
    over.abort(new Error('the term is over'))
    await renewing
  }
}

/** Ends a term by waiting, not by the clock: one that was set back would make a lease look good for minutes. */
class Lapse {
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #signal: AbortSignal
  readonly #end: () => void
  #wait = new AbortController()

  constructor(clock: Clock, leaseMs: number, signal: AbortSignal, end: () => void) {
    this.#clock = clock
    this.#leaseMs = leaseMs
    this.#signal = signal
    this.#end = end
  }

  /** The lease was just taken or renewed. */
  begin(): void {
    this.#wait.abort()
    const wait = new AbortController()
    this.#wait = wait
    void this.#clock.sleep(this.#leaseMs, AbortSignal.any([wait.signal, this.#signal])).then(this.#end, () => {})
  }
}

/** Undefined also when the store cannot be asked: without it nobody leads. */
async function acquire({ store, clock, log, holder }: TermParts, leaseMs: number): Promise<Lease | undefined> {
  try {
    return await store.leases.acquire(RECONCILE_LEASE, holder, leaseMs, clock.now())
  } catch (error) {
    log.warn({ error: textOf(error) }, 'The fleet lease could not be asked for')
    return undefined
  }
}

function textOf(error: unknown): string {
  return isCodedError(error) ? `${error.code}: ${error.message}` : String(error)
}
