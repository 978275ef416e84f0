import { z } from 'zod'
import type { ReportConfig } from '../config/resolved-config.ts'
import type { Clock } from '../ports/clock.ts'
import { GithubError, isCodedError } from '../ports/errors.ts'
import type { Contents } from '../ports/github.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { readUsage } from './read-usage.ts'
import { renderUsageReport, type UsageFacts } from './usage-report.ts'

/** Where the dashboard reads what was published last. */
export const REPORT_FACT = 'report/last'

/** Why the last try failed; gone once one succeeds. */
export const REPORT_PROBLEM_FACT = 'report/problem'
export const reportProblem = z.object({ message: z.string(), remedy: z.string(), at: z.number() })

export const reportFact = z.object({
  month: z.string(),
  repository: z.string(),
  branch: z.string(),
  path: z.string(),
  at: z.number(),
})

export interface ReportParts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly config: ReportConfig
  /** The repository the page goes to; null when nothing here may write to it. */
  readonly openContents: (repository: string) => Promise<Pick<Contents, 'readFile' | 'writeFile'> | null>
}

/** Pods of the last evening are settled and charged by then. */
const SETTLED_AFTER_MS = 2 * 3_600_000

/** `nothing`: this installation had done nothing yet. `known`: it lies there already. */
export type ReportOutcome = 'off' | 'nothing' | 'known' | 'published'

/**
 * Commits the usage report of the month that is over, once: asked again it finds its own note, or the page itself, and writes nothing.
 * Rejects with `GithubError` when the page could not be written; the next call tries again.
 */
export async function publishReport(parts: ReportParts): Promise<ReportOutcome> {
  const { facts } = parts.store
  try {
    const outcome = await publish(parts)
    if (outcome === 'published') await facts.delete(REPORT_PROBLEM_FACT)
    return outcome
  } catch (error) {
    if (!isCodedError(error)) throw error
    await facts.set(REPORT_PROBLEM_FACT, { message: error.message, remedy: error.remedy, at: parts.clock.now() })
    throw error
  }
}

async function publish({ store, clock, log, config, openContents }: ReportParts): Promise<ReportOutcome> {
  const { repository, branch } = config
  if (repository === null) return 'off'
  const now = clock.now()
  const due = new Date(now - SETTLED_AFTER_MS)
  const month = new Date(Date.UTC(due.getUTCFullYear(), due.getUTCMonth() - 1, 1)).toISOString().slice(0, 7)
  const path = config.path.replaceAll('{month}', month)
  const known = reportFact.safeParse(await store.facts.get(REPORT_FACT)).data
  if (known?.month === month) return 'known'
  const usage = await readUsage(store, month, now)
  if (usage === undefined || hasNothing(usage)) return 'nothing'

  const contents = await openContents(repository)
  if (contents === null) {
    throw new GithubError({
      code: 'not-found',
      owner: 'operator',
      message: `The usage report of ${month} has no way to ${repository}: DevLoop is not installed on it, and there is no REPORT_TOKEN.`,
      remedy: 'Install the App there with "Contents: write", or set REPORT_TOKEN to a token that may write to it.',
    })
  }
  const text = `${renderUsageReport(usage)}\n`
  const there = await contents.readFile(path, branch)
  // Where each month has its own page, one that lies there is the report of that month, whoever wrote it.
  const isThere = there === text || (there !== null && config.path.includes('{month}'))
  if (!isThere) {
    await contents.writeFile({ path, branch, text, message: `DevLoop in ${month}: usage report` })
    log.info({ month, repository, branch, path }, 'The usage report of the month was committed.')
  }
  await store.facts.set(REPORT_FACT, { month, repository, branch, path, at: now })
  return isThere ? 'known' : 'published'
}

/** An installation that is younger than the month has nothing to tell of it; a quiet month after a busy one does. */
function hasNothing({ thisMonth, lastMonth, verdicts }: UsageFacts): boolean {
  return verdicts.length === 0 && [thisMonth, lastMonth].every(({ jobs, spentMicroUsd }) => jobs + spentMicroUsd === 0)
}
