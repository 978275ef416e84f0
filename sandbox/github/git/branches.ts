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
  return (await listRefs(git, name)).find((ref) => ref.name === name)
}

export async function findBranchSha(git: GitRepository, branch: string): Promise<string | undefined> {
  return (await findRef(git, `refs/heads/${branch}`))?.sha
}
