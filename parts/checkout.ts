import { openLocalGit } from '../adapters/git/local-git.ts'
import type { LocalGit } from '../ports/git.ts'

/** Runs `work` on the clone that `folder` lies in, and ends git's helper process on every path. */
export async function withCheckout<T>(folder: string, work: (git: LocalGit) => Promise<T>): Promise<T> {
  const git = await openLocalGit(folder)
  try {
    return await work(git)
  } finally {
    await git.close()
  }
}
