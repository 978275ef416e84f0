import type { Translator } from './translate.ts'

/** A push to a branch moves the base of whatever aims at it. Pushes to heads come as `pull_request.synchronize` too. */
export const translatePush: Translator = (facts, repository, _own, event) => {
  const { ref = '', after, deleted, pusher, head_commit: headCommit } = facts
  if (!ref.startsWith('refs/heads/') || deleted === true || after === undefined) return []
  const branch = ref.slice('refs/heads/'.length)
  return [
    ...(headCommit == null
      ? []
      : [
          {
            kind: 'remember',
            repository,
            fact: {
              kind: 'push',
              branch,
              sha: after,
              pushedBy: pusher?.name ?? null,
              pushedAt: headCommit.timestamp,
              message: headCommit.message,
            },
          } as const,
        ]),
    { kind: 'evaluate-base', repository, branch, event },
  ]
}
