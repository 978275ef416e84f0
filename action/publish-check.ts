import { GithubError } from '../ports/errors.ts'
import type { CheckRunWish, GithubRepository } from '../ports/github.ts'
import type { RunnerCommands } from './runner-commands.ts'

/** The check run `devloop/governance`. Where the token may not write it, this job's own status tells the same. */
export async function publishCheck(
  github: GithubRepository,
  wish: CheckRunWish,
  runner: RunnerCommands,
  { isFork }: { readonly isFork: boolean },
): Promise<void> {
  try {
    const { items } = await github.checks.list(wish.headSha, 'check-runs')
    const known = items.find(({ name, app }) => name === wish.name && app === 'github-actions')
    await github.checks.write(wish, known)
  } catch (error) {
    if (!(error instanceof GithubError)) throw error
    const { level, because } = told(error, isFork)
    runner.annotate(level, `The check run ${wish.name} was not written${because}`, { title: 'DevLoop' })
  }
}

function told({ code, message, remedy }: GithubError, isFork: boolean) {
  if (code !== 'forbidden' && code !== 'not-found')
    return { level: 'warning', because: `: ${message} ${remedy}` } as const
  if (isFork) {
    const because = ", since GitHub lets the token of a fork's run only read: the verdict is this job's own status."
    return { level: 'notice', because } as const
  }
  const because =
    ', since the token lacks `checks: write`: the verdict stands in this job only. Give the job `permissions: {checks: write}`.'
  return { level: 'warning', because } as const
}
