import type { EventRepository, Intent, WebhookEvent } from './intent.ts'
import { type Payload, payloadSchema } from './payload.ts'
import { translateCheck, translateStatus } from './translate-checks.ts'
import { translateComment } from './translate-comment.ts'
import { translatePullRequest } from './translate-pull-request.ts'
import { translatePush } from './translate-push.ts'

/** Who we are: events of our own making must not start anything, or every check run would start the next. */
export interface OwnApp {
  readonly appId: number
  /** `devloop[bot]`. */
  readonly login: string
}

/** Reads what matters from a delivery. Pure; an event that means nothing here, or an odd payload, gives no intents. */
export function translate(event: string, payload: unknown, own: OwnApp): readonly Intent[] {
  const parsed = payloadSchema.safeParse(payload)
  if (!parsed.success) return []
  const facts = parsed.data
  if (event === 'installation' || event === 'installation_repositories') return translateInstallation(facts)
  const repository = repositoryOf(facts)
  if (repository === undefined) return []
  const translator = Object.hasOwn(translators, event) ? translators[event] : undefined
  return translator?.(facts, repository, own, { name: event, action: facts.action }) ?? []
}

export type Translator = (
  facts: Payload,
  repository: EventRepository,
  own: OwnApp,
  event: WebhookEvent,
) => readonly Intent[]

const translators: Readonly<Record<string, Translator>> = {
  pull_request: translatePullRequest,
  pull_request_review: translateReview,
  pull_request_review_comment: translateComment,
  issue_comment: translateComment,
  check_run: translateCheck,
  check_suite: translateCheck,
  status: translateStatus,
  push: translatePush,
  create: translateBranch,
  delete: translateBranch,
  merge_group: translateGroup,
}

function translateReview(...[facts, repository, , event]: Parameters<Translator>): readonly Intent[] {
  const { pull_request: pullRequest } = facts
  return pullRequest === undefined ? [] : [{ kind: 'evaluate', repository, number: pullRequest.number, event }]
}

function translateBranch(facts: Payload, repository: EventRepository): readonly Intent[] {
  return facts.ref_type === 'branch' ? [{ kind: 'remember', repository, fact: { kind: 'branches' } }] : []
}

function translateGroup(facts: Payload, repository: EventRepository): readonly Intent[] {
  const { merge_group: group, action } = facts
  if (group === undefined || action !== 'checks_requested') return []
  return [
    {
      kind: 'evaluate-group',
      repository,
      headSha: group.head_sha,
      headRef: group.head_ref.replace(/^refs\/heads\//, ''),
      baseSha: group.base_sha,
      baseRef: group.base_ref.replace(/^refs\/heads\//, ''),
    },
  ]
}

function translateInstallation({ action, repositories, repositories_removed: removed }: Payload): readonly Intent[] {
  const gone = action === 'deleted' ? (repositories ?? []) : (removed ?? [])
  return gone.map(({ full_name }) => ({ kind: 'forget-repository', repository: full_name }))
}

function repositoryOf({ repository, installation }: Payload): EventRepository | undefined {
  if (repository === undefined || installation === undefined) return undefined
  return { installationId: installation.id, name: repository.full_name }
}
