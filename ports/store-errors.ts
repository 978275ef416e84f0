import { StoreError } from './errors.ts'
import type { BudgetCap, JobLimits } from './store.ts'

/**
 * The store is away or has no room: nothing is wrong with what was asked, and the same succeeds when that is over. Any other failure of
 * a statement may be the fault of the statement.
 */
export function isStoreAway(error: unknown): error is StoreError {
  if (!(error instanceof StoreError) || error.owner !== 'retry') return false
  return error.code === 'unwritable' || error.facts.isLost === true
}

/** The sentences that every store says alike. */
export function fenceLost(what: string, fence: number): StoreError {
  return new StoreError({
    code: 'fence-lost',
    message: `${what} was written with fence ${fence}, but another process has taken it over since.`,
    remedy: 'Stop this attempt; the other process goes on.',
    owner: 'retry',
    facts: { what, fence },
  })
}

export function storeConflict(what: string, cause?: unknown): StoreError {
  return new StoreError({
    code: 'conflict',
    message: `${what} exists already.`,
    remedy: 'Read what is stored and go on from there.',
    owner: 'retry',
    facts: { what },
    cause,
  })
}

export function storeMissing(what: string): StoreError {
  return new StoreError({
    code: 'not-found',
    message: `${what} was looked for in the store and is not there.`,
    remedy: 'It may have been pruned; look at the newest entries instead.',
    owner: 'retry',
    facts: { what },
  })
}

export function budgetReached(cap: BudgetCap, committedMicroUsd: number, wantedMicroUsd: number): StoreError {
  const usd = (value: number) => `$${(value / 1_000_000).toFixed(2)}`
  return new StoreError({
    code: 'budget-reached',
    message: `Renting would reserve ${usd(wantedMicroUsd)} on top of ${usd(committedMicroUsd)}, above the ${cap.scope} budget of ${usd(cap.capMicroUsd)}.`,
    remedy: `Wait until the ${cap.scope} is over, or raise budget.per${cap.scope[0]?.toUpperCase()}${cap.scope.slice(1)}Usd.`,
    owner: 'operator',
    facts: { scope: cap.scope, capMicroUsd: cap.capMicroUsd, committedMicroUsd, wantedMicroUsd },
  })
}

type LimitName = Exclude<keyof JobLimits, 'since'>

const LIMIT_SENTENCES: Readonly<Record<LimitName, (allowed: number) => readonly [message: string, remedy: string]>> = {
  perUserPerDay: (allowed) => [
    `You have asked for ${allowed} jobs today, which is the limit.`,
    'Ask again tomorrow, or have budget.perUserJobsPerDay raised.',
  ],
  perUserConcurrent: (allowed) => [
    `${allowed} of your jobs are waiting or running, which is the limit.`,
    'Wait for one to end, or cancel it.',
  ],
  perRepository: (allowed) => [
    `${allowed} jobs of this repository are waiting or running, which is the limit.`,
    'Wait for one to end, or cancel it.',
  ],
  global: (allowed) => [
    `${allowed} jobs are waiting or running here, which is the limit.`,
    'Ask again in a few minutes.',
  ],
}

export function limitReached(limit: LimitName, allowed: number): StoreError {
  const [message, remedy] = LIMIT_SENTENCES[limit](allowed)
  return new StoreError({ code: 'limit-reached', message, remedy, owner: 'user', facts: { limit, allowed } })
}
