import type { CommitSha, DeliveryId, JobId, PodId, PodName, RepositoryName } from './ids.ts'
import type { LoadOptions } from './model.ts'
import type { MicroUsd } from './money.ts'
import type { Candidate } from './pods.ts'

declare const transactionBrand: unique symbol
/** An open database transaction. No network call is made while one is open. */
export interface StoreTransaction {
  readonly [transactionBrand]: true
}

/** A JSON value as the database gives it back. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

// --- webhooks -------------------------------------------------------------------------------------------------------------------

export interface StoredDelivery {
  readonly id: DeliveryId
  readonly event: string
  readonly receivedAt: number
  /** The body as it was signed. */
  readonly payload: string
}

export interface DeliveryStore {
  /** Stores many at once (one commit); answers which of them were new. */
  addAll(deliveries: readonly StoredDelivery[]): Promise<ReadonlySet<DeliveryId>>
  find(id: DeliveryId): Promise<StoredDelivery | undefined>
  markDone(ids: readonly DeliveryId[], fate: 'handled' | 'ignored' | 'failed', at: number): Promise<void>
  listUndone(olderThan: number, limit: number): Promise<readonly DeliveryId[]>
  /** Drops done deliveries received before `before`; answers how many. */
  prune(before: number): Promise<number>
  countByFate(): Promise<Readonly<Record<'undone' | 'handled' | 'ignored' | 'failed', number>>>
}

// --- jobs -----------------------------------------------------------------------------------------------------------------------

export type JobKind = 'review' | 'ask' | 'infer' | 'governance' | 'report'
export type JobState = 'queued' | 'waiting_pod' | 'running' | 'publishing' | 'done' | 'failed' | 'cancelled'

export interface JobRow {
  readonly id: JobId
  readonly kind: JobKind
  /** Jobs of one key run one at a time. */
  readonly key: string
  readonly repository: RepositoryName | null
  readonly installationId: number | null
  readonly pullRequest: number | null
  readonly headSha: CommitSha | null
  readonly requestedBy: string | null
  /** What was asked, validated when it was created. */
  readonly request: Json
  readonly state: JobState
  /** Moves up whenever the job changes hands; a writer with an old one is refused. */
  readonly fence: number
  readonly infrastructureRetries: number
  readonly cancelRequested: boolean
  readonly createdAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly deadlineAt: number
  /** `posted`, `clean`, ... for a review; `success`, ... for a check; `answered` for infer. */
  readonly outcome: string | null
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null
  readonly result: Json
  readonly costMicroUsd: MicroUsd
}

export type NewJob = Pick<
  JobRow,
  | 'id'
  | 'kind'
  | 'key'
  | 'repository'
  | 'installationId'
  | 'pullRequest'
  | 'headSha'
  | 'requestedBy'
  | 'request'
  | 'createdAt'
  | 'deadlineAt'
>

/** Work that was over before it was written down. */
export type EndedJob = NewJob &
  Pick<JobRow, 'state' | 'startedAt' | 'outcome' | 'result' | 'costMicroUsd'> & { readonly endedAt: number }

export type JobPatch = Partial<
  Pick<
    JobRow,
    | 'state'
    | 'startedAt'
    | 'endedAt'
    | 'outcome'
    | 'error'
    | 'result'
    | 'costMicroUsd'
    | 'infrastructureRetries'
    | 'headSha'
  >
>

export interface JobFilter {
  readonly kind?: JobKind
  readonly state?: JobState
  readonly repository?: string
  readonly pullRequest?: number
  readonly outcome?: string
}

export interface JobEvent {
  readonly at: number
  /** e.g. `rent`, `boot`, `model-call`, `post`; the dashboard groups by it. */
  readonly kind: string
  readonly text: string
  readonly facts: Json
}

/** The most that may be asked for; null where there is no limit. Counted under a lock, so that two at once cannot both be the last. */
export interface JobLimits {
  /** Jobs that `requestedBy` created since `since`. */
  readonly perUserPerDay: number | null
  readonly since: number
  /** Jobs that are not ended, of this user, of this repository, and of all. */
  readonly perUserConcurrent: number | null
  readonly perRepository: number | null
  readonly global: number | null
}

export interface JobStore {
  /**
   * Refused with `conflict` when the id exists; the caller treats that as "already made". Refused with `limit-reached` (facts: `limit`,
   * one of the names in `JobLimits`, and `allowed`) when one more would be too many.
   */
  create(job: NewJob, transaction?: StoreTransaction, limits?: JobLimits): Promise<void>
  /** Writes them all or none; refused with `conflict` when one of the ids exists. */
  addEnded(jobs: readonly EndedJob[]): Promise<void>
  find(id: JobId): Promise<JobRow | undefined>
  /** Newest first; `cursor` is the id after which to go on. */
  list(filter: JobFilter, limit: number, cursor?: JobId): Promise<readonly JobRow[]>
  /** What the newest jobs of a kind answered so far, newest first: a fraction of what whole rows cost. */
  listResults(kind: JobRow['kind'], limit: number): Promise<readonly Pick<JobRow, 'id' | 'result'>[]>
  /** Takes the job for one attempt: raises its fence and answers the row, or undefined when it is ended. */
  claim(id: JobId, at: number): Promise<JobRow | undefined>
  /** Throws `fence-lost` when somebody else has claimed the job since. */
  update(id: JobId, fence: number, patch: JobPatch, transaction?: StoreTransaction): Promise<void>
  requestCancel(id: JobId): Promise<void>
  /** Records a finished step under the fence; a step recorded before keeps its first value, which is returned. */
  recordStep(id: JobId, fence: number, step: string, value: Json): Promise<Json>
  listSteps(id: JobId): Promise<ReadonlyMap<string, Json>>
  addEvent(id: JobId, event: JobEvent): Promise<void>
  listEvents(id: JobId): Promise<readonly JobEvent[]>
  /** Jobs not ended, oldest first: taken up again after a crash. */
  listOpen(limit: number): Promise<readonly JobRow[]>
  /** Jobs of a user created since `since`, and of those the ones still open. */
  countByUser(
    login: string,
    since: number,
  ): Promise<{ readonly created: number; readonly open: number; readonly costMicroUsd: MicroUsd }>
  /** Per outcome (or state where there is none yet). */
  countByOutcome(since: number): Promise<Readonly<Record<string, number>>>
  /** Drops up to 1,000 jobs that ended before `before`, oldest first, with their steps and events; answers how many. */
  prune(before: number): Promise<number>
}

// --- leases and pods --------------------------------------------------------------------------------------------------------------

export interface Lease {
  readonly name: string
  readonly holder: string
  readonly fence: number
  readonly expiresAt: number
}

/** Whoever holds this lease drives pods: fences of pod and ledger writes are compared with its fence. */
export const RECONCILE_LEASE = 'reconcile'

export interface LeaseStore {
  /**
   * Takes a free or expired lease (fence goes up) or renews one's own (fence stays); undefined when another holds it. One that ends more
   * than `ttlMs` after the end of a fresh one was written by a clock that has been set back since, and is free too. Where several machines
   * share a store it counts by the store's clock, and `expiresAt` is told by the caller's.
   */
  acquire(name: string, holder: string, ttlMs: number, now: number): Promise<Lease | undefined>
  release(name: string, holder: string): Promise<void>
}

export type PodState =
  | 'intent'
  | 'creating'
  | 'booting'
  | 'warming'
  | 'ready'
  | 'busy'
  | 'draining'
  | 'terminating'
  | 'gone'
  | 'rejected'
  | 'lost'

/** One pod, from the wish to the proof that it is gone. Times are milliseconds since the epoch. */
export interface PodRow {
  readonly name: PodName
  /** 0 … maxPods-1; at most one live row each (unique index). */
  readonly slot: number
  readonly state: PodState
  readonly providerId: PodId | null
  readonly candidate: Candidate
  readonly model: string
  readonly load: LoadOptions
  readonly parallel: number
  readonly microUsdPerHour: MicroUsd
  readonly reservedMicroUsd: MicroUsd
  readonly intentAt: number
  /** When the POST was about to leave; null before. */
  readonly attemptedAt: number | null
  readonly runningAt: number | null
  readonly readyAt: number | null
  readonly lastUseAt: number | null
  readonly drainAt: number | null
  readonly terminateAt: number | null
  /** When the DELETE left that ended the pod, as far as is known, and since when lists no longer show it. */
  readonly deletedAt: number | null
  readonly absentSince: number | null
  /** When it stopped costing without a DELETE (its host died, it exited, its guard removed it), between two proofs. */
  readonly ownEndAt: number | null
  readonly goneAt: number | null
  readonly deadlineAt: number
  /** Why it ended: first reason wins. */
  readonly endReason: string | null
  readonly modelDigest: string | null
}

export interface PodStore {
  /**
   * Refused with `conflict` while the slot has a live row, with `budget-reached` (facts: `scope`) when a cap would be passed, with
   * `fence-lost` by an old fence. Writes the row and the ledger's reserve in one transaction.
   */
  insertIntent(row: PodRow, fence: number, caps: readonly BudgetCap[]): Promise<void>
  /** Every write is conditional on the fence of `RECONCILE_LEASE`. */
  update(name: PodName, fence: number, patch: Partial<PodRow>): Promise<void>
  listLive(): Promise<readonly PodRow[]>
  find(name: string): Promise<PodRow | undefined>
  listSince(since: number): Promise<readonly PodRow[]>
}

/** A call that runs on a pod right now; counted in SQL so that replicas agree. */
export interface SlotHold {
  readonly podName: PodName
  readonly jobId: string
  readonly repository: string | null
  readonly heldAt: number
  readonly expiresAt: number
}

export interface SlotStore {
  /** Takes one to `wanted` slots of a ready pod, as many as are free; 0 when none. One statement. */
  take(hold: SlotHold, wanted: number, parallel: number): Promise<number>
  renew(jobId: string, expiresAt: number): Promise<void>
  release(jobId: string): Promise<void>
  list(): Promise<readonly (SlotHold & { readonly count: number })[]>
}

/** A job that waits for an engine. The reconcile loop reads these rows as demand. */
export interface DemandRow {
  readonly jobId: string
  readonly repository: string | null
  readonly user: string | null
  readonly model: string
  readonly load: LoadOptions
  readonly slotsWanted: number
  readonly createdAt: number
  readonly expiresAt: number
  readonly maxCostMicroUsd: MicroUsd
  /** Why it still waits, or why it never will be served; shown to the person. */
  readonly note: string | null
  readonly refused: { readonly code: string; readonly message: string; readonly remedy: string } | null
}

export interface DemandStore {
  put(row: DemandRow): Promise<void>
  patch(jobId: string, patch: Partial<Pick<DemandRow, 'expiresAt' | 'note' | 'refused'>>): Promise<void>
  remove(jobId: string): Promise<void>
  list(): Promise<readonly DemandRow[]>
}

// --- money ------------------------------------------------------------------------------------------------------------------------

export interface BudgetCap {
  readonly scope: 'job' | 'day' | 'month'
  readonly capMicroUsd: MicroUsd
  /** Spending since then counts. */
  readonly since: number
}

export interface LedgerEntry {
  readonly podName: PodName
  /** `settle` is by our clock; `bill` is what the provider billed for the whole life of the pod. */
  readonly kind: 'reserve' | 'accrue' | 'settle' | 'bill'
  /**
   * A reserve stands until its pod settles; accruals replace one another; the settlement is final. A bill counts instead of the
   * settlement, which is kept beside it, and may be written again.
   */
  readonly microUsd: MicroUsd
  readonly at: number
}

/** A settled pod, with what our clock and what the provider say of its cost. */
export interface Settlement {
  readonly podName: PodName
  /** When it was settled by the clock; the day to which it counts, also once the bill is there. */
  readonly at: number
  readonly clockMicroUsd: MicroUsd
  /** Null: the entry counts by the clock. */
  readonly billMicroUsd: MicroUsd | null
}

export interface JobCost {
  readonly jobId: string
  readonly podName: string
  readonly repository: string | null
  readonly microUsd: MicroUsd
  readonly gpuMs: number
  readonly at: number
}

export interface JobTotal {
  /** `2026-11-21`, UTC. */
  readonly day: string
  readonly repository: string | null
  /** Different jobs that were charged on that day. */
  readonly jobs: number
  readonly microUsd: MicroUsd
  readonly gpuMs: number
}

/** Beginnings of UTC days since which totals are asked for. */
export interface LedgerPeriods {
  readonly day: number
  readonly month: number
  readonly recent: number
}

/** What was spent since then, how many jobs were charged for the first time, and what no job used of the days it was spent on. */
export interface LedgerTotals {
  readonly dayMicroUsd: MicroUsd
  readonly monthMicroUsd: MicroUsd
  readonly monthJobs: number
  readonly recentMicroUsd: MicroUsd
  readonly recentIdleMicroUsd: MicroUsd
}

export interface LedgerStore {
  write(entry: LedgerEntry, fence: number): Promise<void>
  /** Settled plus accrued plus, for live pods, the reserve that is not yet accrued. */
  committed(since: number): Promise<MicroUsd>
  /** Billed, else settled, else accrued: what was really spent. */
  spent(since: number, until?: number): Promise<MicroUsd>
  /** All sums in one reading. */
  totals(since: LedgerPeriods): Promise<LedgerTotals>
  /** Pods settled since then, oldest first. */
  settlements(since: number): Promise<readonly Settlement[]>
  chargeJob(cost: JobCost): Promise<void>
  jobCosts(since: number): Promise<readonly JobCost[]>
  /** What jobs were charged, summed per UTC day and repository, oldest day first. */
  jobTotals(since: number): Promise<readonly JobTotal[]>
  perDay(
    since: number,
  ): Promise<readonly { readonly day: string; readonly microUsd: MicroUsd; readonly idleMicroUsd: MicroUsd }[]>
}

// --- review and governance memory --------------------------------------------------------------------------------------------------

export interface StoredReview {
  readonly id: string
  readonly jobId: JobId
  readonly repository: RepositoryName
  readonly pullRequest: number
  readonly headSha: CommitSha
  readonly outcome: 'posted' | 'clean' | 'partial' | 'failed'
  /** Patch id + configuration hash: the same again means "nothing new". */
  readonly inputHash: string
  readonly fullCoverage: boolean
  /** Findings with fingerprints, coverage, receipt: the review room's own JSON. */
  readonly body: Json
  readonly createdAt: number
}

export interface StoredDismissal {
  readonly repository: RepositoryName
  readonly pullRequest: number
  readonly fingerprint: string
  readonly by: string
  readonly reason: string
  readonly at: number
}

export interface ReviewStore {
  add(review: StoredReview): Promise<void>
  find(id: string): Promise<StoredReview | undefined>
  /** Newest first. */
  list(repository: RepositoryName, pullRequest: number): Promise<readonly StoredReview[]>
  dismiss(dismissal: StoredDismissal): Promise<void>
  listDismissals(repository: RepositoryName, pullRequest: number): Promise<readonly StoredDismissal[]>
  /** Drops reviews and dismissals made before `before`; answers how many. */
  prune(before: number): Promise<number>
}

export interface StoredVerdict {
  readonly id: string
  readonly repository: RepositoryName
  readonly pullRequest: number | null
  readonly headSha: CommitSha
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'error'
  readonly drift: number
  /** The canonical texts; `devloop replay` evaluates them again. */
  readonly snapshot: string
  readonly policy: string
  readonly verdict: Json
  readonly createdAt: number
}

/** A verdict in a list: without the texts, which may be megabytes. */
export type VerdictHead = Omit<StoredVerdict, 'snapshot' | 'policy' | 'verdict'>

export interface StoredWaiver {
  readonly repository: RepositoryName
  readonly pullRequest: number
  readonly headSha: CommitSha
  readonly rule: string
  readonly by: string
  readonly reason: string
  readonly at: number
}

export interface GovernanceStore {
  addVerdict(verdict: StoredVerdict): Promise<void>
  findVerdict(id: string): Promise<StoredVerdict | undefined>
  /** Newest first; all repositories when none is named. */
  listVerdicts(repository: RepositoryName | undefined, limit: number): Promise<readonly StoredVerdict[]>
  /** As `listVerdicts`, for lists and curves; those made before `before` only, when it is given. */
  listVerdictHeads(repository: string | undefined, limit: number, before?: number): Promise<readonly VerdictHead[]>
  addWaiver(waiver: StoredWaiver): Promise<void>
  /** Newest first, of all repositories. */
  listRecentWaivers(limit: number): Promise<readonly StoredWaiver[]>
  listWaivers(repository: RepositoryName, pullRequest: number, headSha: CommitSha): Promise<readonly StoredWaiver[]>
  /** Drops verdicts made before `before`, oldest first, up to 1,000; answers how many. Waivers stay: they are few, and somebody's word. */
  prune(before: number): Promise<number>
}

/** Small facts by key: last good policy of a repository, paused pull requests, token ratios, this install's id. */
export interface FactStore {
  get(key: string): Promise<Json | undefined>
  set(key: string, value: Json): Promise<void>
  /** Sets it only while it is `expected` (undefined: absent), in one step over all replicas; answers whether it did. */
  swap(key: string, expected: Json | undefined, value: Json): Promise<boolean>
  delete(key: string): Promise<void>
  listByPrefix(prefix: string): Promise<ReadonlyMap<string, Json>>
}

export type KeyScope = 'infer' | 'control' | 'read'

export interface ApiKeyRow {
  readonly id: string
  readonly name: string
  readonly scopes: readonly KeyScope[]
  /** SHA-256 of the key, hexadecimal: keys are random and long, so a slow hash adds nothing. */
  readonly hash: string
  readonly models: readonly string[] | null
  readonly monthlyMicroUsd: MicroUsd | null
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
}

export interface KeyStore {
  add(row: ApiKeyRow): Promise<void>
  findByHash(hash: string): Promise<ApiKeyRow | undefined>
  list(): Promise<readonly ApiKeyRow[]>
  revoke(id: string, at: number): Promise<boolean>
  touch(id: string, at: number): Promise<void>
}

/** Everything that must survive this process. Every method throws `StoreError`. */
export interface Store {
  readonly deliveries: DeliveryStore
  readonly jobs: JobStore
  readonly leases: LeaseStore
  readonly pods: PodStore
  readonly slots: SlotStore
  readonly demands: DemandStore
  readonly ledger: LedgerStore
  readonly reviews: ReviewStore
  readonly governance: GovernanceStore
  readonly facts: FactStore
  readonly keys: KeyStore
  /** Runs `body` in one transaction; no network call, and no other store call without the transaction, inside. */
  transaction<T>(body: (transaction: StoreTransaction) => Promise<T>): Promise<T>
  /** Calls `listener` when another writer (any replica) signalled `channel`; a backstop of 1 s covers lost signals. */
  listen(channel: 'jobs' | 'demand' | 'pods' | 'events', listener: () => void): () => void
  notify(channel: 'jobs' | 'demand' | 'pods' | 'events'): Promise<void>
  close(): Promise<void>
}

/** The fsynced append-only file of money facts: what a torn or lost database is rebuilt from. */
export interface MoneyJournal {
  append(line: JournalLine): Promise<void>
  readAll(): Promise<readonly JournalLine[]>
}

export type JournalLine =
  | {
      readonly kind: 'create'
      readonly at: number
      readonly podName: PodName
      readonly gpu: string
      readonly microUsdPerHour: MicroUsd
      readonly deadlineAt: number
      readonly holderPid: number | null
    }
  | {
      readonly kind: 'settle'
      readonly at: number
      readonly podName: PodName
      readonly microUsd: MicroUsd
      readonly reason: string
    }
  | { readonly kind: 'bill'; readonly at: number; readonly podName: PodName; readonly microUsd: MicroUsd }
