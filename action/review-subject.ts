import { hasPermission } from '../governance/permission.ts'
import { openFacts } from '../parts/facts.ts'
import { readPolicyInForce } from '../jobs/snapshot/policy-in-force.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { GithubRepository, PullRequestView } from '../ports/github.ts'
import type { PullRequestPayload, WorkflowEvent } from './event.ts'

/** Who asks for which review, or why there is none: said, and no failure. */
export type ReviewSubject =
  | {
      readonly kind: 'review'
      readonly number: number
      readonly view: PullRequestView
      readonly config: ResolvedConfig
      readonly focus: string | null
      readonly requestedBy: string | null
      readonly commentId: number | null
      readonly isFork: boolean
    }
  | { readonly kind: 'nothing'; readonly message: string; readonly refused: number | null }

type Asked = {
  readonly number: number
  readonly focus: string | null
  readonly login: string | null
  readonly commentId: number | null
}

/** `/devloop review [focus]` at the start of a comment; the workflow runs for every comment of the repository. */
const COMMAND = /^[ \t]{0,3}\/devloop[ \t]+review(?:[ \t]+([^\r\n]{1,1000}))?[ \t]*(?:\r?\n|$)/i

/**
 * Reads what the event asks, and whether the one who asks may spend: by the permission API, and no unless it says yes. The author of a
 * pull request from this repository has write access already; an engine that costs nothing asks nobody but a commenter.
 */
export async function reviewSubjectOf(
  event: Extract<WorkflowEvent, { readonly kind: 'pull-request' | 'comment' }>,
  github: GithubRepository,
  { isFree }: { readonly isFree: boolean },
): Promise<ReviewSubject> {
  const asked = event.kind === 'comment' ? askedByComment(event) : askedByEvent(event.pullRequest, event.sender)
  if (typeof asked === 'string') return { kind: 'nothing', message: asked, refused: null }
  const view = await github.pullRequests.get(asked.number)
  const isFork = view.headRepository !== event.repository
  const base = { ref: view.baseSha, branch: view.baseRef }
  const { config } = await readPolicyInForce(github, openFacts(), base)
  if (event.kind === 'comment' || (isFork && !isFree)) {
    const held = asked.login === null ? 'none' : await github.access.permission(asked.login)
    if (!hasPermission(held, config.access.trigger)) {
      const who = asked.login === null ? 'Whoever caused this event' : `@${asked.login}`
      return {
        kind: 'nothing',
        message: `${who} has the permission "${held}" here, and a review needs "${config.access.trigger}": nothing was rented.`,
        refused: asked.commentId,
      }
    }
  }
  return { kind: 'review', ...asked, view, config, requestedBy: asked.login, isFork }
}

function askedByComment(event: Extract<WorkflowEvent, { readonly kind: 'comment' }>): Asked | string {
  const { number, comment, isNew } = event
  if (number === null) return 'This comment is on an issue, and only pull requests are reviewed.'
  if (!isNew) return 'This comment was edited or deleted; only a new one asks for a review.'
  const match = COMMAND.exec(comment.body)
  if (match === null) return 'This comment does not begin with `/devloop review`, so nobody asked for a review.'
  return { number, focus: match[1]?.trim() || null, login: comment.login, commentId: comment.id }
}

function askedByEvent({ number }: PullRequestPayload, sender: string | null): Asked {
  return { number, focus: null, login: sender, commentId: null }
}
