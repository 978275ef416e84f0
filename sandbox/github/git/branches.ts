import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitRepository } from './git-repository.ts'

export interface NamedRef {
  readonly name: string
  readonly sha: string
  readonly type: string
}

/** The refs below a prefix (`refs/heads/`), sorted by name. */
export async function listRefs(git: GitRepository, prefix: string): Promise<NamedRef[]> {
  const text = await git.text(['for-each-ref', '--format=%(refname)%09%(objectname)%09%(objecttype)', prefix])
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', sha = '', type = ''] = line.split('\t')
      return { name, sha, type }
    })
}

/** What exactly this ref points at. */
export async function findRef(git: GitRepository, name: string): Promise<NamedRef | undefined> {
  const loose = await readLooseBranch(git, name)
  if (loose !== undefined) return { name, sha: loose, type: 'commit' }
  return (await listRefs(git, name)).find((ref) => ref.name === name)
}

export async function findBranchSha(git: GitRepository, branch: string): Promise<string | undefined> {
  return (await findRef(git, `refs/heads/${branch}`))?.sha
}

// A branch is nearly always one small file; asking git for it would cost a process.
export async function readLooseBranch(git: GitRepository, name: string): Promise<string | undefined> {
  if (!name.startsWith('refs/heads/') || name.includes('..')) return undefined
  const text = await readFile(join(git.dir, name), 'utf8').catch(() => '')
  return /^[0-9a-f]{40}\n$/.test(text) ? text.trim() : undefined
}
