import type { GitRepository } from './git-repository.ts'

export interface TreeEntry {
  readonly path: string
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly sha: string
  readonly size: number | null
}

/** What a tree holds (or a commit's tree): its own entries, or all below it. */
export function listTree(git: GitRepository, treeish: string, options: { recursive: boolean }): Promise<TreeEntry[]> {
  return git.remember(`tree ${treeish} ${options.recursive}`, async () => {
    const flags = options.recursive ? ['-r', '-t'] : []
    const text = (await git.run(['ls-tree', '-z', '-l', '--full-tree', ...flags, treeish])).stdout.toString('utf8')
    return text
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const [fields = '', path = ''] = line.split('\t')
        const [mode = '', type, sha = '', size] = fields.split(/ +/)
        return {
          path,
          mode,
          type: type === 'tree' || type === 'commit' ? type : 'blob',
          sha,
          size: size === '-' ? null : Number(size),
        }
      })
  })
}

/** The entry at a path of a commit; undefined where nothing lies there. The empty path is the root tree. */
export async function findEntry(git: GitRepository, commitSha: string, path: string): Promise<TreeEntry | undefined> {
  if (path === '') return { path: '', mode: '040000', type: 'tree', sha: `${commitSha}^{tree}`, size: null }
  const text = (
    await git.run(['ls-tree', '-z', '-l', '--full-tree', commitSha, '--', path.replace(/\/$/, '')])
  ).stdout.toString('utf8')
  const [fields = '', found] = (text.split('\0')[0] ?? '').split('\t')
  const [mode = '', type, sha = '', size] = fields.split(/ +/)
  if (found === undefined) return undefined
  return {
    path: found,
    mode,
    type: type === 'tree' || type === 'commit' ? type : 'blob',
    sha,
    size: size === '-' ? null : Number(size),
  }
}

export function readBlob(git: GitRepository, sha: string): Promise<Buffer> {
  return git.remember(`blob ${sha}`, async () => (await git.run(['cat-file', 'blob', sha])).stdout)
}

/** What kind of object a name stands for, or undefined where there is none. */
export async function findObjectType(git: GitRepository, sha: string): Promise<string | undefined> {
  const { code, stdout } = await git.run(['cat-file', '-t', sha], { answers: [1, 128] })
  return code === 0 ? stdout.toString('utf8').trim() : undefined
}
