import { GitError, type LocalGit } from '../../ports/git.ts'
import type { CommitSha } from '../../ports/ids.ts'

export interface LocalBase {
  readonly sha: CommitSha
  /** As git resolves it: `origin/dev`. */
  readonly ref: string
  /** As the policy calls it: `dev`. */
  readonly branch: string
}

const USUAL = ['dev', 'develop', 'main', 'master'] as const

/** The branch a change would be merged into: the named one, else the first usual one that exists. What the remote has is newer. */
export async function findLocalBase(git: LocalGit, wanted: string | undefined): Promise<LocalBase> {
  const names = wanted === undefined ? USUAL.filter((name) => name !== git.branch) : [wanted]
  for (const name of names) {
    const branch = name.replace(/^(?:refs\/heads\/|refs\/remotes\/origin\/|origin\/)/, '')
    for (const ref of wanted === undefined
      ? [`refs/remotes/origin/${branch}`, `refs/heads/${branch}`]
      : [name, `refs/remotes/origin/${branch}`]) {
      const sha = await git.find(ref)
      if (sha !== null) return { sha, ref, branch }
    }
  }
  // On the only branch there is, the change is what is not committed yet.
  if (wanted === undefined && git.headSha !== null)
    return { sha: git.headSha, ref: 'HEAD', branch: git.branch ?? 'HEAD' }
  throw new GitError({
    code: 'no-such-ref',
    message: `${wanted ?? 'a base branch'} is no branch, tag or commit of ${git.root}.`,
    remedy: git.isShallow
      ? `Fetch it with \`git fetch origin ${wanted ?? 'main'}\`.`
      : 'Name the branch to be merged into with --base.',
    owner: 'user',
  })
}
