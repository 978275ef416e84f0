import type { Intent } from './intent.ts'
import type { Payload } from './payload.ts'
import type { Translator } from './translate.ts'

export const translatePullRequest: Translator = (facts, repository, own, event) => {
  const { action = '', pull_request: pullRequest, sender } = facts
  if (pullRequest === undefined) return []
  const { number } = pullRequest
  const intents: Intent[] = []

  if (sender !== undefined && (action === 'opened' || action === 'synchronize')) {
    const { login, type } = sender
    const fact = {
      kind: 'pusher',
      number,
      login,
      type,
      headSha: pullRequest.head.sha,
      at: pullRequest.updated_at,
    } as const
    intents.push({ kind: 'remember', repository, fact })
  }
  const { head, base, updated_at: at } = pullRequest
  intents.push({
    kind: 'remember',
    repository,
    fact: { kind: 'place', number, headSha: head.sha, baseRef: base.ref, isOpen: pullRequest.state !== 'closed', at },
  })
  if (action === 'closed' && pullRequest.merged === true && pullRequest.merge_commit_sha != null)
    intents.push({ kind: 'remember', repository, fact: { kind: 'merge', sha: pullRequest.merge_commit_sha } })

  // A closed pull request no longer claims its tasks, and a merged one counts as work done: that concerns the others.
  if (action === 'closed') intents.push({ kind: 'evaluate-base', repository, branch: pullRequest.base.ref, event })
  else if (action !== 'edited' || isWeightyEdit(facts)) intents.push({ kind: 'evaluate', repository, number, event })

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

/** No rule reads the title. */
function isWeightyEdit({ changes }: Payload): boolean {
  return changes?.body !== undefined || changes?.base !== undefined
}
