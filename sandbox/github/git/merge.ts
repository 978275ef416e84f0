import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Signature } from './commits.ts'
import { findSha } from './commits.ts'
import type { GitRepository } from './git-repository.ts'

/** The tree of merging `head` into `base`, or undefined where they conflict. */
export function mergeTrees(git: GitRepository, base: string, head: string): Promise<string | undefined> {
  return git.remember(`merge ${base} ${head}`, async () => {
    const { code, stdout } = await git.run(['merge-tree', '--write-tree', '--no-messages', base, head], {
      answers: [1],
    })
    return code === 0 ? stdout.toString('utf8').split('\n')[0] : undefined
  })
}

/** Replays the commits of `base..head` on top of `base`; undefined where one does not apply. */
export async function rebaseCommits(
  git: GitRepository,
  base: string,
  head: string,
  committer: Signature,
): Promise<string | undefined> {
  const folder = join(git.dir, `rebase-${randomUUID()}`)
  const env = {
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GIT_COMMITTER_DATE: committer.date,
  }
  await git.run(['worktree', 'add', '--detach', '--quiet', folder, base])
  try {
    const shas = (await git.text(['rev-list', '--reverse', '--no-merges', `${base}..${head}`]))
      .split('\n')
      .filter(Boolean)
    for (const sha of shas) {
      const { code } = await git.run(['-C', folder, 'cherry-pick', '--allow-empty', sha], { env, answers: [1] })
      if (code !== 0) return undefined
    }
    return await git.text(['-C', folder, 'rev-parse', 'HEAD'])
  } finally {
    await git.run(['worktree', 'remove', '--force', folder], { answers: [128] })
    await rm(folder, { recursive: true, force: true })
  }
}

/** Brings a commit of another repository on this disk here and names it, as GitHub does with the heads of forks. */
export async function fetchCommit(git: GitRepository, fromDir: string, sha: string, ref: string): Promise<void> {
  if ((await findSha(git, sha)) === undefined) {
    await git.run(['fetch', '--quiet', '--no-tags', fromDir, `+${sha}:${ref}`])
  }
  await git.run(['update-ref', ref, sha])
}
