import { PodsError, type PodsErrorCode, StoreError } from '../ports/errors.ts'
import type { PodName } from '../ports/ids.ts'
import { formatUsd } from '../ports/money.ts'
import type { GpuOffer, ProviderPod } from '../ports/pods.ts'
import type { DemandRow, PodRow } from '../ports/store.ts'
import { budgetReached } from '../ports/store-errors.ts'
import { affordableLifetimeMs, capsAt, leastJobCost } from './budget.ts'
import { type CoolDowns, candidateKey, chooseCandidates, type PricedCandidate } from './candidates.ts'
import { reservationOf } from './ledger.ts'
import type { FleetParts } from './parts.ts'
import { buildPodName } from './pod-name.ts'
import { isUnguarded, podSpecOf } from './pod-spec.ts'
import type { FleetPolicy } from './policy.ts'
import { errorText, type Refusal, refusalOf } from './refusal.ts'
import { NEVER_APPEARED } from './step.ts'
import type { Term } from './term.ts'

/** What became of a wish for a pod. */
export type RentOutcome =
  | { readonly kind: 'sent' }
  /** Not now: the note is shown to those who wait. */
  | { readonly kind: 'wait'; readonly note: string; readonly until: number }
  /** Never, as things stand: told to those who wait. */
  | { readonly kind: 'refuse'; readonly refusal: Refusal; readonly scope: 'job' | 'all' }

export type CreateResult =
  | { readonly kind: 'created'; readonly pod: ProviderPod }
  | { readonly kind: 'refused'; readonly code: PodsErrorCode }

const COOL_DOWNS_KEY = 'fleet/cool-downs'
const HOUR_MS = 3_600_000
/** No other candidate would be treated better. */
const STOPPING: ReadonlySet<PodsErrorCode> = new Set(['unauthorized', 'no-balance', 'not-found'])
/** The vendor's document: the body itself is wrong, for whatever GPU. */
const PERMANENT_STATUSES = new Set([413, 422])

/** Rents pods, one create at a time: everything is written down before the POST leaves, and the POST leaves once. */
export class Renter {
  readonly #parts: FleetParts
  readonly #policy: FleetPolicy
  readonly #term: Term
  /** Answers to creates of this term; taken into rows by the loop. */
  readonly results = new Map<PodName, CreateResult>()
  /** The intent whose create is on its way out. */
  sending: PodName | null = null
  #coolDowns: CoolDowns = {}
  #offers: { readonly at: number; readonly offers: readonly GpuOffer[] | null } | null = null
  #lastRefused = ''
  #notBefore = 0

  constructor(parts: FleetParts, policy: FleetPolicy, term: Term) {
    this.#parts = parts
    this.#policy = policy
    this.#term = term
  }

  async load(): Promise<void> {
    const stored = await this.#parts.store.facts.get(COOL_DOWNS_KEY)
    if (typeof stored === 'object' && stored !== null && !Array.isArray(stored)) {
      this.#coolDowns = stored as unknown as CoolDowns
    }
  }

  /** A pod of this candidate did not come up: bad luck with one host is common, so the candidate rests. */
  async bootFailed(row: PodRow): Promise<void> {
    await this.#coolDown(candidateKey(row.candidate), 'boot-failed', this.#policy.timings.bootCoolDownMs)
  }

  async rent(demand: DemandRow, slot: number): Promise<RentOutcome> {
    const { clock } = this.#parts
    const now = clock.now()
    if (now < this.#notBefore) return { kind: 'wait', note: 'The provider asked us to wait.', until: this.#notBefore }
    const unguarded = this.#unguardedRefusal()
    if (unguarded !== undefined) return { kind: 'refuse', refusal: unguarded, scope: 'all' }
    const stormy = await this.#createCap(now)
    if (stormy !== undefined) return stormy
    const choice = chooseCandidates(this.#policy, await this.#currentOffers(), this.#coolDowns, now)
    const [first] = choice.ready
    if (first === undefined) return this.#noCandidate(choice.nextAt, choice.excluded)
    return this.#rentOne(demand, slot, first)
  }

  async #rentOne(
    demand: DemandRow,
    slot: number,
    { candidate, microUsdPerHour }: PricedCandidate,
  ): Promise<RentOutcome> {
    const { store, clock, random } = this.#parts
    const now = clock.now()
    const least = leastJobCost(microUsdPerHour, this.#policy.timings.usualBootMs)
    if (demand.maxCostMicroUsd < least) {
      return { kind: 'refuse', refusal: tooSmallBudget(demand, least), scope: 'job' }
    }
    const caps = capsAt(now, this.#policy.perDayMicroUsd, this.#policy.perMonthMicroUsd)
    const committed = await Promise.all(caps.map((cap) => store.ledger.committed(cap.since)))
    const lifetimeMs = affordableLifetimeMs(caps, committed, microUsdPerHour, this.#policy.timings.lifetimeMs)
    if (lifetimeMs === 0) {
      const worst = caps.findIndex((cap, index) => cap.capMicroUsd - (committed[index] ?? 0) < least * 8)
      const cap = caps[Math.max(0, worst)]
      if (cap === undefined) throw new RangeError('there is always a day and a month')
      const error = budgetReached(cap, committed[Math.max(0, worst)] ?? 0, reservationOf(microUsdPerHour, 15 * 60_000))
      return { kind: 'refuse', refusal: refusalOf(error), scope: 'all' }
    }
    const deadlineAt = now + lifetimeMs
    const row: PodRow = {
      ...BLANK,
      name: buildPodName({ installId: this.#policy.installId, ulid: random.ulid(now), deadlineAt }),
      slot,
      candidate,
      model: demand.model,
      load: demand.load,
      parallel: this.#policy.parallel,
      microUsdPerHour,
      reservedMicroUsd: reservationOf(microUsdPerHour, lifetimeMs),
      intentAt: now,
      deadlineAt,
    }
    this.sending = row.name
    try {
      await this.#writeAhead(row, caps)
      return await this.#post(row)
    } catch (error) {
      // Without a line in the journal nothing may be rented, and only a person can make room for it.
      if (error instanceof StoreError && (error.code === 'budget-reached' || error.code === 'unwritable')) {
        return { kind: 'refuse', refusal: refusalOf(error), scope: 'all' }
      }
      throw error
    } finally {
      this.sending = null
    }
  }

  /** Budget and intent in one transaction, the journal, then the moment of the try: from there on a pod may exist. */
  async #writeAhead(row: PodRow, caps: ReturnType<typeof capsAt>): Promise<void> {
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
      this.results.set(row.name, { kind: 'created', pod })
      return { kind: 'sent' }
    } catch (error) {
      log.warn({ ...facts, error: errorText(error) }, 'A pod could not be rented')
      if (!(error instanceof PodsError) || !isDefinite(error.code)) return { kind: 'sent' }
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
    await this.#coolDown(candidateKey(row.candidate), cause, timings.capacityCoolDownMs)
    return { kind: 'wait', note: `No ${row.candidate.gpu} in ${row.candidate.cloud} now.`, until: clock.now() }
  }

  #noCandidate(nextAt: number | null, excluded: readonly string[]): RentOutcome {
    const { clock } = this.#parts
    const causes = Object.values(this.#coolDowns).filter((coolDown) => coolDown.until > clock.now())
    if (nextAt === null) {
      return {
        kind: 'refuse',
        scope: 'all',
        refusal: {
          code: 'rule-broken',
          message: `No GPU may be rented: ${excluded.join('; ')}.`,
          remedy: 'Change fleet.gpus, fleet.cloud or fleet.maxUsdPerHour.',
        },
      }
    }
    // A broken rule fails alike everywhere; that is how it differs from missing capacity.
    if (causes.length > 0 && causes.every((coolDown) => coolDown.cause === 'refused')) {
      return {
        kind: 'refuse',
        scope: 'all',
        refusal: {
          code: 'rule-broken',
          message: `Every GPU and cloud was refused, so the request itself is wrong: ${this.#lastRefused}`,
          remedy: 'Correct the fleet settings named in the answer.',
        },
      }
    }
    return { kind: 'wait', note: `No capacity; next try at ${new Date(nextAt).toISOString()}.`, until: nextAt }
  }

  async #createCap(now: number): Promise<RentOutcome | undefined> {
    const recent = await this.#parts.store.pods.listSince(now - HOUR_MS)
    const wasted = recent.filter((row) => row.readyAt === null && isWasted(row))
    if (wasted.length < this.#policy.maxCreatesPerHour) return undefined
    const until = Math.min(...wasted.map((row) => row.intentAt)) + HOUR_MS
    this.#parts.log.error(
      { wasted: wasted.length },
      'Too many pods never served within an hour; none is rented for now',
    )
    return {
      kind: 'wait',
      note: `${wasted.length} pods never served within an hour; next try at ${new Date(until).toISOString()}.`,
      until,
    }
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

  async #currentOffers(): Promise<readonly GpuOffer[] | null> {
    const { market, clock, log } = this.#parts
    const now = clock.now()
    if (market === null) return null
    if (this.#offers !== null && now - this.#offers.at < this.#policy.timings.offersMs) return this.#offers.offers
    try {
      this.#offers = { at: now, offers: await market.offers(this.#term.signal) }
    } catch (error) {
      log.warn({ error: errorText(error) }, 'Prices could not be read; the ceiling is assumed')
      this.#offers = { at: now, offers: null }
    }
    return this.#offers.offers
  }

  async #coolDown(key: string, cause: CoolDowns[string]['cause'], ms: number): Promise<void> {
    this.#coolDowns = { ...this.#coolDowns, [key]: { until: this.#parts.clock.now() + ms, cause } }
    await this.#parts.store.facts.set(COOL_DOWNS_KEY, this.#coolDowns)
  }
}

const BLANK = {
  state: 'intent',
  providerId: null,
  attemptedAt: null,
  runningAt: null,
  readyAt: null,
  lastUseAt: null,
  drainAt: null,
  terminateAt: null,
  deletedAt: null,
  absentSince: null,
  goneAt: null,
  endReason: null,
  modelDigest: null,
} as const

/** Anything else may have made a pod. */
function isDefinite(code: PodsErrorCode): boolean {
  return code !== 'unknown-outcome' && code !== 'unavailable' && code !== 'unreadable'
}

/** A pod that was made, or may have been, and never served. */
function isWasted(row: PodRow): boolean {
  return (
    row.attemptedAt !== null && row.endReason !== null && (row.providerId !== null || row.endReason === NEVER_APPEARED)
  )
}

function tooSmallBudget(demand: DemandRow, least: number): Refusal {
  const usd = (micro: number) => `$${(micro / 1_000_000).toFixed(4)}`
  return {
    code: 'budget-reached',
    message: `Renting costs at least ${usd(least)}, above the ${usd(demand.maxCostMicroUsd)} this job may cost.`,
    remedy: 'Raise --max-cost or budget.perJobUsd, or use another engine.',
  }
}
