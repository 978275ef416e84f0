import { PodsError } from '../ports/errors.ts'
import type { ProviderPod } from '../ports/pods.ts'
import type { FleetParts } from './parts.ts'
import { errorText, type Refusal, refusalOf } from './refusal.ts'
import type { Term } from './term.ts'

export interface PodList {
  readonly startedAt: number
  readonly pods: readonly ProviderPod[]
}

/** Three in a row mean that we are blind while pods cost money. */
const ALARMING_FAILURES = 3
/** What goes on failing is told again now and then, not each time. */
const TOLD_EVERY = 100

/** The account's pods as the provider lists them, one list at a time. */
export class ListWatch {
  readonly #parts: Pick<FleetParts, 'provider' | 'clock' | 'log'>
  readonly #timeoutMs: number
  readonly #term: Term
  #isListing = false
  #askedAt = Number.NEGATIVE_INFINITY
  #failures = 0
  last: PodList | null = null
  /** Why the account lists nothing until somebody acts, such as a key that is wrong; null while nothing like that was said. */
  refusal: Refusal | null = null

  constructor(parts: Pick<FleetParts, 'provider' | 'clock' | 'log'>, timeoutMs: number, term: Term) {
    this.#parts = parts
    this.#timeoutMs = timeoutMs
    this.#term = term
  }

  /** A list to be made now; undefined when one is under way or the last is younger than `everyMs`. */
  due(everyMs: number): (() => Promise<void>) | undefined {
    const now = this.#parts.clock.now()
    if (this.#isListing || now - this.#askedAt < everyMs) return undefined
    this.#isListing = true
    this.#askedAt = now
    return () => this.#look(now)
  }

  /** The clock was set: nothing that was dated by it is known. */
  forget(): void {
    this.last = null
    this.#askedAt = Number.NEGATIVE_INFINITY
  }

  async #look(startedAt: number): Promise<void> {
    const { provider, log } = this.#parts
    try {
      const pods = await provider.list(this.#bounded())
      this.last = { startedAt, pods }
      if (this.#failures > 0) log.info({ failed: this.#failures }, 'Pods can be listed again')
      this.#failures = 0
      this.refusal = null
    } catch (error) {
      if (!this.#term.signal.aborted) this.#failed(error)
    } finally {
      this.#isListing = false
    }
  }

  #failed(error: unknown): void {
    this.#failures += 1
    this.refusal = error instanceof PodsError && error.code === 'unauthorized' ? refusalOf(error) : null
    const isAlarming = this.#failures >= ALARMING_FAILURES
    if (this.#failures !== 1 && this.#failures !== ALARMING_FAILURES && this.#failures % TOLD_EVERY !== 0) return
    this.#parts.log[isAlarming ? 'error' : 'warn'](
      { error: errorText(error), failed: this.#failures },
      'Pods could not be listed; nothing is changed on that ground',
    )
  }

  /** The term's signal, or a timeout of our own clock. */
  #bounded(): AbortSignal {
    const timeout = new AbortController()
    void this.#parts.clock
      .sleep(this.#timeoutMs, this.#term.signal)
      .then(() => timeout.abort(new Error(`no answer within ${this.#timeoutMs} ms`)))
      .catch(() => {})
    return AbortSignal.any([this.#term.signal, timeout.signal])
  }
}
