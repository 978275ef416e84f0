import { shortSha } from '../approvals.ts'
import { fail, judgement, pass, type Rule } from '../rule.ts'
import type { DirectPush } from '../snapshot.ts'

export const branchDirectPush: Rule = {
  id: 'branch/direct-push',
  reads: ['head', 'direct-push'],
  evaluate(view) {
    const pushes = [...new Map(view.see(view.snapshot.directPushes).map((push) => [push.sha, push])).values()]
    const { main, staging } = view.policy.branches
    const guarded = pushes.filter((push) => push.branch === main || push.branch === staging)
    const loose = guarded.filter((push) => push.tasks.length === 0).sort((a, b) => (a.sha < b.sha ? -1 : 1))
    const values = { 'direct pushes': String(guarded.length), 'without a task': String(loose.length) }
    if (loose.length === 0) return pass('every commit on the base came by a pull request or names its task', values)
    const shown = loose.slice(0, 3).map(describe).join('; ')
    const more = loose.length > 3 ? `; and ${loose.length - 3} more` : ''
    return fail(
      `${loose.length} ${loose.length === 1 ? 'commit' : 'commits'} reached the base without a pull request or a task: ${shown}${more}`,
      {
        values,
        remedy: judgement(
          'Read these commits, and protect the branch so that the next one needs a pull request',
          'a maintainer',
        ),
      },
    )
  },
}

function describe(push: DirectPush): string {
  return `${shortSha(push.sha)} on \`${push.branch}\`${push.pushedBy === null ? '' : ` by ${push.pushedBy}`}`
}
