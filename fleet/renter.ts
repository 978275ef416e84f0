import { PodsError, type PodsErrorCode, StoreError } from '../ports/errors.ts'
import type { PodName } from '../ports/ids.ts'
import { formatUsd } from '../ports/money.ts'
import type { DemandRow, PodRow } from '../ports/store.ts'
import { isStoreAway } from '../ports/store-errors.ts'
import { type Affordable, affordPod } from './afford-pod.ts'
import { chooseCandidates, type PricedCandidate } from './candidates.ts'
import { CoolDownBook } from './cool-down-book.ts'
import { createCap } from './create-cap.ts'
import type { FleetParts } from './parts.ts'
import { newPodRow } from './new-pod-row.ts'
import { OfferBook } from './offer-book.ts'
import { isUnguarded, podSpecOf } from './pod-spec.ts'
import type { FleetPolicy } from './policy.ts'
import { type CreateResult, noCandidate, type RentOutcome } from './rent-outcome.ts'
import { errorText, type Refusal, refusalOf } from './refusal.ts'
import type { Term } from './term.ts'

/** No other candidate would be treated better. */
const STOPPING: ReadonlySet<PodsErrorCode> = new Set(['unauthorized', 'no-balance', 'not-found'])
/** The vendor's document: the body itself is wrong, for whatever GPU. */
const PERMANENT_STATUSES = new Set([413, 422])

/** Rents pods: everything is written down before a POST leaves, one after the other since each reserves money, and each POST leaves once. */
export class Renter {
  readonly #parts: FleetParts
  readonly #policy: FleetPolicy
  readonly #term: Term
  /** Answers to creates of this term; taken into rows by the loop. */
  readonly results = new Map<PodName, CreateResult>()
  /** The intents whose creates are on their way out. */
  readonly sending = new Set<PodName>()
  readonly #coolDowns: CoolDownBook
  readonly #offers: OfferBook
  #lastRefused = ''
  #notBefore = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: FleetParts, policy: FleetPolicy, term: Term) {
    this.#parts = parts
    this.#policy = policy
    this.#term = term
    this.#coolDowns = new CoolDownBook(parts.store.facts, parts.clock)
    this.#offers = new OfferBook(parts, policy.timings.offersMs)
  }

  load(): Promise<void> {
    return this.#coolDowns.load()
  }

  /** A pod of this candidate did not come up: bad luck with one host is common, so the candidate rests. */
  async bootFailed(row: PodRow): Promise<void> {
    await this.#coolDowns.add(row.candidate, 'boot-failed', this.#policy.timings.bootCoolDownMs)
  }

  async rent(demand: DemandRow, slot: number): Promise<RentOutcome> {
    const mine = this.#turn.then(() => this.#prepare(demand, slot))
    this.#turn = mine.catch(() => {})
    const prepared = await mine
    if (!('row' in prepared)) return prepared
    try {
      return await this.#post(prepared.row)
    } finally {
      this.sending.delete(prepared.row.name)
    }
  }

  async #prepare(demand: DemandRow, slot: number): Promise<RentOutcome | { readonly row: PodRow }> {
    const { clock } = this.#parts
    const now = clock.now()
    if (now < this.#notBefore) return { kind: 'wait', note: 'The provider asked us to wait.', until: this.#notBefore }
    const unguarded = this.#unguardedRefusal()
    if (unguarded !== undefined) return { kind: 'refuse', refusal: unguarded, scope: 'all' }
    const stormy = await createCap(this.#parts, this.#policy.maxCreatesPerHour)
    if (stormy !== undefined) return stormy
    const offers = await this.#offers.current(this.#term.signal)
    const choice = chooseCandidates(this.#policy, offers, this.#coolDowns.current, now)
    const [first] = choice.ready
    if (first === undefined) return noCandidate(choice, this.#coolDowns.causes(), this.#lastRefused)
    return this.#intend(demand, slot, first)
  }

  async #intend(
    demand: DemandRow,
    slot: number,
    { candidate, microUsdPerHour }: PricedCandidate,
  ): Promise<RentOutcome | { readonly row: PodRow }> {
    const { clock, random } = this.#parts
    const now = clock.now()
    const afforded = await affordPod(this.#parts, this.#policy, demand, microUsdPerHour)
    if (afforded.kind === 'refuse') return afforded
    const { lifetimeMs, caps } = afforded
    const row = newPodRow(this.#policy, {
      ulid: random.ulid(now),
      now,
      lifetimeMs,
      slot,
      demand,
      priced: { candidate, microUsdPerHour },
    })
    this.sending.add(row.name)
    try {
      await this.#writeAhead(row, caps)
      return { row }
    } catch (error) {
      this.sending.delete(row.name)
      // Without a line in the journal nothing may be rented, and only a person can make room for it; a store that is full is waited for.
      const isRefusal = error instanceof StoreError && (error.code === 'budget-reached' || error.code === 'unwritable')
      if (isRefusal && !isStoreAway(error)) {
        return { kind: 'refuse', refusal: refusalOf(error), scope: 'all' }
      }
      throw error
    }
  }

  /** Budget and intent in one transaction, the journal, then the moment of the try: from there on a pod may exist. */
  async #writeAhead(row: PodRow, caps: Affordable['caps']): Promise<void> {
    const { store, journal, clock, holderPid, checkpoint } = this.#parts
    await checkpoint?.('rent:before-intent')
    await store.pods.insertIntent(row, this.#term.fence, caps)
    await checkpoint?.('rent:after-intent')
    await journal.append({
      kind: 'create',
      at: clock.now(),
      podName: row.name,
      gpu: row.candidate.gpu,
      microUsdPerHour: row.microUsdPerHour,
      deadlineAt: row.deadlineAt,
      holderPid,
    })
    await checkpoint?.('rent:after-journal')
    await store.pods.update(row.name, this.#term.fence, { attemptedAt: clock.now() })
    await checkpoint?.('rent:after-attempt')
  }

  async #post(row: PodRow): Promise<RentOutcome> {
    const { provider, log, clock, tokenSecret, checkpoint } = this.#parts
    // A process that was stopped here for a while must not create for a term that is over.
    if (!this.#term.isLeading()) return { kind: 'wait', note: 'Another process has taken over.', until: clock.now() }
    const facts = {
      pod: row.name,
      gpu: row.candidate.gpu,
      cloud: row.candidate.cloud,
      price: formatUsd(row.microUsdPerHour),
    }
    try {
      const pod = await provider.create(podSpecOf(row, this.#policy, tokenSecret), this.#term.signal)
      await checkpoint?.('rent:after-post')
      log.info({ ...facts, podId: pod.id }, 'A pod was rented')
      this.results.set(row.name, { kind: 'created', at: clock.now(), pod })
      return { kind: 'sent', isSure: true }
    } catch (error) {
      log.warn({ ...facts, error: errorText(error) }, 'A pod could not be rented')
      if (!(error instanceof PodsError) || !isDefinite(error.code)) return { kind: 'sent', isSure: false }
      this.results.set(row.name, { kind: 'refused', code: error.code })
      return this.#afterRefusal(row, error)
    }
  }

  async #afterRefusal(row: PodRow, error: PodsError): Promise<RentOutcome> {
    const { clock } = this.#parts
    const { timings } = this.#policy
    if (error.code === 'rate-limited') {
      this.#notBefore = clock.now() + (error.retryAfterMs ?? timings.rateLimitMs)
      return { kind: 'wait', note: 'The provider asked us to wait.', until: this.#notBefore }
    }
    const status = error.facts.status
    if (STOPPING.has(error.code) || (typeof status === 'number' && PERMANENT_STATUSES.has(status))) {
      return { kind: 'refuse', refusal: refusalOf(error), scope: 'all' }
    }
    this.#lastRefused = error.message
    const cause = error.code === 'no-capacity' ? 'no-capacity' : 'refused'
    await this.#coolDowns.add(row.candidate, cause, timings.capacityCoolDownMs)
    return { kind: 'wait', note: `No ${row.candidate.gpu} in ${row.candidate.cloud} now.`, until: clock.now() }
  }

  #unguardedRefusal(): Refusal | undefined {
    const { pod, allowUnguarded } = this.#policy
    if (allowUnguarded || !isUnguarded(pod.image)) return undefined
    return {
      code: 'rule-broken',
      message: `The image ${pod.image} has no guard: it would answer everybody, and nothing in the pod would end it.`,
      remedy: 'Use the DevLoop image, or set fleet.unguarded: true.',
    }
  }
}

/** Anything else may have made a pod. */
function isDefinite(code: PodsErrorCode): boolean {
  return code !== 'unknown-outcome' && code !== 'unavailable' && code !== 'unreadable'
}
