import type { Environment } from '../config/environment.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { requestStop } from '../fleet/requests.ts'
import { openTokenRepository } from '../parts/token-repository.ts'
import { askJob } from '../jobs/ask-job.ts'
import { createGovernanceWorker } from '../jobs/governance-job.ts'
import { publishReport } from '../jobs/publish-report.ts'
import { reviewJob } from '../jobs/review-job.ts'
import type { JobRunner } from '../jobs/runner.ts'
import { createPlanCache } from '../jobs/snapshot/plan-sides.ts'
import { readPolicyInForce } from '../jobs/snapshot/policy-in-force.ts'
import type { ServerParts } from '../parts/server-parts.ts'
import type { Contents, GithubApp, GithubRepository } from '../ports/github.ts'
import type { CommitSha } from '../ports/ids.ts'
import { createDeliveryWorker } from './webhooks/delivery-worker.ts'
import { createInbox } from './webhooks/inbox.ts'
import { createWebhookRoute, type WebhookRoute } from './webhooks/route.ts'
import { startUpkeep } from './webhooks/upkeep.ts'

export interface AppRoomOptions {
  readonly parts: ServerParts
  readonly environment: Environment
  readonly config: ResolvedConfig
  readonly runner: JobRunner
  readonly publicUrl: () => string | null
  readonly hint: (subject: string, kind: string) => void
}

export interface AppRoom {
  /** Takes what GitHub delivers. */
  readonly webhook: WebhookRoute
  /** Takes up the inbox and the evaluations; after the server listens, so that links to it are right. */
  begin(): Promise<void>
}

/** The GitHub App: what is delivered becomes jobs, and jobs speak on the pull request. Undefined without App credentials. */
export async function createAppRoom(options: AppRoomOptions): Promise<AppRoom | undefined> {
  const { parts, environment, runner } = options
  const { github, store, queue, clock, log, random, engines } = parts
  const secret = environment.WEBHOOK_SECRET
  const appId = environment.APP_ID
  if (github === null || secret === undefined || appId === undefined) return undefined
  const jobUrl = (id: string) => linkTo(options.publicUrl(), `/dashboard/jobs/${id}`)
  const policyAt = async (repository: GithubRepository, baseSha: CommitSha) =>
    (await readPolicyInForce(repository, store.facts, { ref: baseSha, branch: baseSha })).config
  const jobParts = {
    github,
    engines,
    reviews: store.reviews,
    facts: store.facts,
    clock,
    random,
    log,
    policyAt,
    detailsUrl: jobUrl,
  }
  runner.define(reviewJob(jobParts))
  runner.define(askJob(jobParts))

  const dispatchParts = {
    github,
    store,
    queue,
    clock,
    random,
    log,
    createJob: runner.createJob,
    telemetry: parts.telemetry,
    jobUrl,
    releaseIdlePods: async () => {
      await requestStop(parts, { force: false, reason: 'asked for on a pull request' })
      return 'Idle GPUs are given back; one that still works is given back when its calls have ended.'
    },
    hintDemand: ({ repository, number, because }: { repository: string; number: number; because: string }) =>
      options.hint(`${repository}#${number}`, because),
  }
  const reportParts = {
    store,
    clock,
    log,
    config: options.config.report,
    openContents: (repository: string) => openReportContents(repository, environment, github),
  }
  const ownApp = async () => ({ appId, login: (await github.identity()).login })
  const inbox = createInbox({ deliveries: store.deliveries, queue, log })
  return {
    webhook: createWebhookRoute({ secret: secret.reveal(), inbox, clock }),
    async begin() {
      const verdictUrl = (id: string) => linkTo(options.publicUrl(), `/dashboard/verdicts/${id}`)
      const cache = createPlanCache()
      await queue.work(
        'governance',
        createGovernanceWorker({ github, store, queue, clock, random, log, cache, verdictUrl }),
      )
      await queue.work('delivery', createDeliveryWorker(dispatchParts, ownApp, inbox.recall))
      const keptMs = environment.DEVLOOP_KEEP_DAYS * DAY_MS
      await startUpkeep({ ...dispatchParts, keptMs, publishReport: () => publishReport(reportParts) })
    },
  }
}

const DAY_MS = 86_400_000

/** By a token for this one repository, so that the App itself need not be allowed to write files anywhere; else by the App. */
async function openReportContents(
  repository: string,
  { REPORT_TOKEN: token, GITHUB_API_URL: apiUrl }: Environment,
  github: GithubApp,
): Promise<Contents | null> {
  if (token !== undefined) return openTokenRepository({ apiUrl, token: token.reveal(), repository }).contents
  const refs = await github.listRepositories()
  const ref = refs.find(({ name }) => name.toLowerCase() === repository.toLowerCase())
  return ref === undefined ? null : github.repository(ref).contents
}

function linkTo(base: string | null, path: string): string | null {
  return base === null ? null : `${base}${path}`
}
