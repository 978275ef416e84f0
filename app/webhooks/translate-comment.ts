import { mayHoldCommand } from '../commands/parse.ts'
import type { Translator } from './translate.ts'

/** Comments of pull requests that may hold a command. Edits and deletions change nothing: what was read stands. */
export const translateComment: Translator = (facts, repository, own) => {
  const { action, comment, issue, pull_request: pullRequest } = facts
  if (action !== 'created' || comment === undefined) return []
  const isOnLine = pullRequest !== undefined
  const number = isOnLine ? pullRequest.number : issue?.number
  if (number === undefined || (!isOnLine && issue?.pull_request == null)) return []
  const author = comment.user
  // Bots do not give commands; ours would answer itself.
  if (author == null || author.type === 'Bot' || author.login === own.login) return []
  const body = comment.body ?? ''
  if (!mayHoldCommand(body)) return []
  return [
    {
      kind: 'command',
      repository,
      number,
      comment: {
        kind: isOnLine ? 'review' : 'issue',
        id: comment.id,
        author,
        body,
        createdAt: comment.created_at,
        htmlUrl: comment.html_url,
        place: isOnLine
          ? { path: comment.path ?? '', line: comment.line ?? null, hunk: comment.diff_hunk ?? '' }
          : null,
      },
    },
  ]
}
