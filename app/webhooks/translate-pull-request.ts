import type { Trigger } from '../../governance/rule.ts'
import type { Intent } from './intent.ts'
import type { Payload } from './payload.ts'
import type { Translator } from './translate.ts'

/** What each action changes of what rules read. An action that is not here changes nothing that any rule reads. */
const changedBy: Readonly<Record<string, readonly Trigger[]>> = {
  opened: ['head', 'branch', 'target', 'body', 'files', 'commits', 'reviews', 'checks', 'open'],
  reopened: ['head', 'branch', 'target', 'body', 'files', 'commits', 'reviews', 'checks', 'open'],
  synchronize: ['head', 'files', 'commits', 'reviews', 'checks'],
  // Copilot's launcher is told by assignment.
  assigned: ['commits'],
  unassigned: ['commits'],
  enqueued: [],
}

export const translatePullRequest: Translator = (facts, repository, own) => {
  const { action = '', pull_request: pullRequest, sender } = facts
  if (pullRequest === undefined) return []
  const { number } = pullRequest
  const intents: Intent[] = []

  if (sender !== undefined && (action === 'opened' || action === 'synchronize')) {
    const fact = { kind: 'pusher', number, login: sender.login, type: sender.type } as const
    intents.push({ kind: 'remember', repository, fact })
  }
  if (action === 'closed' && pullRequest.merged === true && pullRequest.merge_commit_sha != null)
    intents.push({ kind: 'remember', repository, fact: { kind: 'merge', sha: pullRequest.merge_commit_sha } })

  const changed = action === 'edited' ? changedByEdit(facts) : (changedBy[action] ?? [])
  if (changed.length > 0) intents.push({ kind: 'evaluate', repository, number, changed })

  // A closed pull request no longer claims its tasks, and a merged one counts as work done.
  if (action === 'closed') {
    const freed: Trigger[] = pullRequest.merged === true ? ['open', 'merged'] : ['open']
    intents.push({ kind: 'evaluate-base', repository, branch: pullRequest.base.ref, changed: freed })
  }
  const isReady = pullRequest.draft !== true
  if (action === 'opened' || action === 'synchronize')
    intents.push({ kind: 'hint', repository, number, because: action })
  if (isReady && isReviewTime(action) && sender !== undefined && sender.login !== own.login) {
    const { sha: headSha } = pullRequest.head
    intents.push({ kind: 'auto-review', repository, number, headSha, sender, because: action })
  }
  return intents
}

function isReviewTime(action: string): action is 'opened' | 'ready_for_review' | 'synchronize' {
  return action === 'opened' || action === 'ready_for_review' || action === 'synchronize'
}

function changedByEdit({ changes }: Payload): readonly Trigger[] {
  const changed: Trigger[] = []
  if (changes?.body !== undefined) changed.push('body')
  if (changes?.base !== undefined) changed.push('target', 'files', 'commits', 'base')
  return changed
}
