import { runCanaries } from '../../jobs/governance-canaries.ts'
import { CHECK_NAME } from '../../jobs/governance-publish.ts'
import { governanceMessage } from '../../jobs/governance-target.ts'
import { isCodedError } from '../../ports/errors.ts'
import type { GithubApp, GithubRepository, PullRequestView } from '../../ports/github.ts'
import { answerComment } from '../commands/answer-comment.ts'
import { AnswerError } from '../commands/answer-turn.ts'
import { mayHoldCommand } from '../commands/parse.ts'
import type { DispatchParts } from './dispatch.ts'
import { INBOX_MESSAGE } from './inbox.ts'

export interface UpkeepParts extends DispatchParts {
  readonly github: Pick<
    GithubApp,
    'repository' | 'identity' | 'listRepositories' | 'listFailedDeliveries' | 'redeliver'
  >
  /** How long ended jobs, reviews and verdicts are kept. */
  readonly keptMs: number
  /** Commits the report of the month that is over, if there is anything to do. */
  readonly publishReport: () => Promise<unknown>
}

const UPKEEP_EVERY_MS = 600_000
const HOURLY_MS = 3_600_000

/**
 * Starts the upkeep: every ten minutes what webhooks did not bring, every hour whether the rules still bite and whether a month is to be
 * reported. Works the queue `upkeep`.
 */
export async function startUpkeep(parts: UpkeepParts): Promise<void> {
  const { queue, store, clock, log } = parts
  await queue.work('upkeep', {
    concurrency: 1,
    retryLimit: 1,
    expireMs: UPKEEP_EVERY_MS,
    async run({ subject }, signal) {
      if (subject === 'canaries') await runCanaries({ facts: store.facts, clock, log })
      else if (subject === 'report') await attempt(parts, 'usage report', parts.publishReport)
      else await runUpkeep(parts, signal)
    },
  })
  await queue.repeat('upkeep', { subject: 'reconcile', key: 'reconcile' }, UPKEEP_EVERY_MS)
  await queue.repeat('upkeep', { subject: 'canaries', key: 'canaries' }, HOURLY_MS)
  await queue.repeat('upkeep', { subject: 'report', key: 'report' }, HOURLY_MS)
}

const LAST_ROUND_FACT = 'upkeep:last'
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** GitHub keeps deliveries for about three days. */
const DELIVERIES_KEPT_MS = 3 * DAY_MS
const INBOX_KEPT_MS = 7 * DAY_MS
/** What is younger may still be under way by itself. */
const GRACE_MS = 2 * MINUTE_MS
/** Verdicts that depend on the date are made anew after this long. */
const STALE_MS = 12 * 60 * MINUTE_MS

/** Finds what webhooks did not bring: lost deliveries, missing or stale checks, commands nobody answered. */
export async function runUpkeep(parts: UpkeepParts, signal: AbortSignal): Promise<void> {
  const { store, queue, clock, log } = parts
  const startedAt = clock.now()
  const last = Number((await store.facts.get(LAST_ROUND_FACT)) ?? startedAt - DAY_MS)

  if ((await store.deliveries.listUndone(startedAt - GRACE_MS, 1)).length > 0)
    await queue.send('delivery', INBOX_MESSAGE, { coalesce: true })
  await store.deliveries.prune(startedAt - Math.min(INBOX_KEPT_MS, parts.keptMs))
  const keptSince = startedAt - parts.keptMs
  await store.jobs.prune(keptSince)
  await store.reviews.prune(keptSince)
  await store.governance.prune(keptSince)
  let isWhole = await attempt(parts, 'failed deliveries', () => redeliverFailed(parts))

  for (const ref of await parts.github.listRepositories()) {
    if (signal.aborted) return
    const github = parts.github.repository(ref)
    const isDone = await attempt(parts, ref.name, () => reconcileRepository(parts, github, last - GRACE_MS))
    isWhole &&= isDone
  }
  // What an outage hid from this round is for the next one to find; beyond three days it is given up.
  await store.facts.set(LAST_ROUND_FACT, isWhole ? startedAt : Math.max(last, startedAt - DELIVERIES_KEPT_MS))
  log.debug({ durationMs: clock.now() - startedAt }, 'upkeep is done')
}

/** One repository that refuses must not keep the others from being looked at. False: it may go well next time. */
async function attempt({ log }: UpkeepParts, what: string, body: () => Promise<unknown>): Promise<boolean> {
  try {
    await body()
    return true
  } catch (error) {
    if (!isCodedError(error)) throw error
    log.warn(
      { what, code: error.code, message: error.message, remedy: error.remedy },
      'a part of the upkeep could not be done',
    )
    return error.owner !== 'retry'
  }
}

async function redeliverFailed({ github, store, clock, log }: UpkeepParts): Promise<void> {
  const now = clock.now()
  const since = new Date(now - DELIVERIES_KEPT_MS).toISOString()
  // GitHub lists the newest first, with times in whole seconds; what happened first shall arrive first.
  const newestFirst = await github.listFailedDeliveries(since)
  const oldestFirst = newestFirst.toReversed().toSorted((a, b) => Date.parse(a.deliveredAt) - Date.parse(b.deliveredAt))
  for (const failed of oldestFirst) {
    if (now - Date.parse(failed.deliveredAt) < GRACE_MS) continue
    // GitHub may have lost our answer only.
    if ((await store.deliveries.find(failed.deliveryId)) !== undefined) continue
    log.info({ delivery: failed.deliveryId, event: failed.event }, 'a delivery that failed is asked for again')
    await github.redeliver(failed.id)
  }
}

async function reconcileRepository(parts: UpkeepParts, github: GithubRepository, since: number): Promise<void> {
  const open = await github.pullRequests.listOpen()
  if (open.items.length === 0) return
  const { slug } = await parts.github.identity()
  const verdicts = await parts.store.governance.listVerdicts(github.ref.name, 1000)
  for (const pullRequest of open.items) {
    const { number, headSha } = pullRequest
    const verdict = verdicts.find((one) => one.pullRequest === number && one.headSha === headSha)
    const isFresh = verdict !== undefined && periods(parts.clock.now(), verdict) === periods(since + GRACE_MS, verdict)
    if (!isFresh || !(await hasCheck(github, pullRequest, slug)))
      await parts.queue.send('governance', governanceMessage({ kind: 'pull-request', ...github.ref, number }), {
        coalesce: true,
      })
    if (Date.parse(pullRequest.updatedAt) >= since) await answerForgotten(parts, github, number, since)
  }
}

/** A verdict is made anew once in each period of its life, not in each round. */
function periods(at: number, { createdAt }: { readonly createdAt: number }): number {
  return Math.floor(Math.max(0, at - createdAt) / STALE_MS)
}

async function hasCheck(github: GithubRepository, { headSha }: PullRequestView, slug: string): Promise<boolean> {
  const checks = await github.checks.list(headSha, 'check-runs')
  return checks.items.some(({ name, app, status }) => name === CHECK_NAME && app === slug && status === 'completed')
}

async function answerForgotten(
  parts: UpkeepParts,
  github: GithubRepository,
  number: number,
  since: number,
): Promise<void> {
  const comments = await github.comments.list(number, new Date(since).toISOString())
  for (const comment of comments.items) {
    const { author, createdAt, updatedAt } = comment
    if (author === null || author.type === 'Bot' || !mayHoldCommand(comment.body)) continue
    // An edited comment may not be what was written: only an untouched one is carried out late.
    if (createdAt !== updatedAt || parts.clock.now() - Date.parse(createdAt) < GRACE_MS) continue
    const { installationId, name } = github.ref
    const spoken = {
      kind: 'issue',
      id: comment.id,
      author,
      body: comment.body,
      createdAt,
      htmlUrl: comment.htmlUrl,
      place: null,
    } as const
    try {
      await answerComment(parts, { repository: { installationId, name }, number, comment: spoken })
    } catch (error) {
      // Its delivery arrived after all, and is being worked on.
      if (!(error instanceof AnswerError)) throw error
    }
  }
}
