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
      .map(parseEntry)
  })
}

/** The entry at a path of a commit; undefined where nothing lies there. The empty path is the root tree. */
export function findEntry(git: GitRepository, commitSha: string, path: string): Promise<TreeEntry | undefined> {
  if (path === '')
    return Promise.resolve({ path: '', mode: '040000', type: 'tree', sha: `${commitSha}^{tree}`, size: null })
  return git.remember(`entry ${commitSha} ${path}`, async () => {
    const args = ['ls-tree', '-z', '-l', '--full-tree', commitSha, '--', path.replace(/\/$/, '')]
    const text = (await git.run(args)).stdout.toString('utf8')
    return text === '' ? undefined : parseEntry(text.split('\0')[0] ?? '')
  })
}

function parseEntry(line: string): TreeEntry {
  const [fields = '', path = ''] = line.split('\t')
  const [mode = '', type, sha = '', size] = fields.split(/ +/)
  const kind = type === 'tree' || type === 'commit' ? type : 'blob'
  return { path, mode, type: kind, sha, size: size === '-' ? null : Number(size) }
}

export function readBlob(git: GitRepository, sha: string): Promise<Buffer> {
  return git.remember(`blob ${sha}`, async () => (await git.run(['cat-file', 'blob', sha])).stdout)
}

/** What kind of object a name stands for, or undefined where there is none. */
export async function findObjectType(git: GitRepository, sha: string): Promise<string | undefined> {
  const { code, stdout } = await git.run(['cat-file', '-t', sha], { answers: [1, 128] })
  return code === 0 ? stdout.toString('utf8').trim() : undefined
}
