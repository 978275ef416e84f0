import { type GitSide, GitError, type LocalGit } from '../../ports/git.ts'
import { type CommitSha, commitSha } from '../../ports/ids.ts'
import { ObjectReader } from './object-reader.ts'
import { LOG_FORMAT, parseFilesOf, parseLog, parseNameStatus, parseStaged } from './parse-output.ts'
import { readTree } from './read-tree.ts'
import { gitFailed, runGit } from './run-git.ts'

const DIFF = ['diff', '--no-ext-diff', '--no-textconv', '-M'] as const

/** Opens the repository that `folder` lies in. */
export async function openLocalGit(folder: string): Promise<LocalGit> {
  const { root, isShallow, branch, hasHead } = await lookAround(folder)
  const reader = new ObjectReader(root)
  const git = async (...args: readonly string[]) => {
    const run = await runGit(root, args)
    if (run.code !== 0) throw isShallow ? shallowOr(args, run) : gitFailed(args[0] ?? '', run)
    return run.stdout.toString('utf8')
  }
  const find = async (ref: string): Promise<CommitSha | null> => {
    // What begins with a dash would be an option, and `^{commit}` follows tags.
    const object = ref === '' || ref.startsWith('-') ? null : await reader.read(`${ref}^{commit}`)
    return object?.type === 'commit' ? commitSha.parse(object.id) : null
  }
  const side = (to: GitSide) => (to === 'staged' ? ['--cached'] : [])
  const other = (to: GitSide) => (to === 'staged' ? [] : [to])

  return {
    root,
    branch,
    isShallow,
    headSha: hasHead ? await find('HEAD') : null,
    find,
    async mergeBase(a, b) {
      if (a === b) return a
      const run = await runGit(root, ['merge-base', a, b])
      if (run.code === 0) return commitSha.parse(run.stdout.toString('utf8').trim())
      if (isShallow) throw shallow(`The history in which ${a.slice(0, 7)} and ${b.slice(0, 7)} meet`)
      if (run.code === 1) return null
      throw gitFailed('merge-base', run)
    },
    async changedFiles(from, to) {
      return parseNameStatus(await git(...DIFF, '--name-status', '-z', ...side(to), from, ...other(to)))
    },
    diff: (from, to) => git(...DIFF, '--no-color', ...side(to), from, ...other(to)),
    async readFile(path, at) {
      if (!isInside(path)) return null
      const object = await reader.read(at === 'staged' ? `:${path}` : `${at}:${path}`)
      return object?.type === 'blob' ? object.content.toString('utf8') : null
    },
    async listTree(at, below) {
      if (at === 'staged') {
        const listed = await git(
          'ls-files',
          '--stage',
          '-z',
          '--',
          ...(below === '' ? [] : [`:(top,literal)${below}/`]),
        )
        return { items: parseStaged(listed), complete: true }
      }
      const items = await readTree(reader, `${at}:${below}`, below === '' ? '' : `${below}/`)
      return { items, complete: true }
    },
    async log({ from, to, limit, firstParent = false, path }) {
      const range = from === undefined ? [to] : [to, `^${from}`]
      return parseLog(
        await git(
          'log',
          `--format=${LOG_FORMAT}`,
          `--max-count=${limit}`,
          ...(firstParent ? ['--first-parent'] : []),
          ...range,
          '--',
          ...(path === undefined ? [] : [`:(top,literal)${path}`]),
        ),
      )
    },
    async filesOf(commits) {
      if (commits.length === 0) return new Map()
      return parseFilesOf(
        await git(
          'show',
          '--diff-merges=first-parent',
          '--name-only',
          '--no-renames',
          '-z',
          '--format=%x01%H',
          ...commits,
        ),
      )
    },
    async config(key) {
      const run = await runGit(root, ['config', '--get', key])
      return run.code === 0 ? run.stdout.toString('utf8').trim() : null
    },
    close: () => reader.close(),
  }
}

/** git itself dies of a path that leaves the repository, with all that was asked of it meanwhile. */
function isInside(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

async function lookAround(folder: string) {
  const run = await runGit(folder, [
    'rev-parse',
    '--show-toplevel',
    '--is-shallow-repository',
    '--symbolic-full-name',
    'HEAD',
  ])
  const [root = '', isShallow = '', name = ''] = run.stdout.toString('utf8').split('\n')
  if (root === '') {
    throw new GitError({
      code: 'not-a-repository',
      message: `${folder} is not in a git work tree.`,
      remedy: 'Name the folder of a clone with --repo, or run `git init` there.',
      owner: 'user',
    })
  }
  // Before the first commit HEAD cannot be resolved; a detached HEAD is only called HEAD.
  const hasHead = run.code === 0
  const branch = hasHead && name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : null
  return { root, isShallow: isShallow === 'true', branch, hasHead }
}

function shallow(what: string, cause?: unknown): GitError {
  return new GitError({
    code: 'shallow',
    message: `${what} is not in this shallow clone.`,
    remedy: 'Fetch it with `git fetch --unshallow` (in a workflow: `fetch-depth: 0` for actions/checkout).',
    owner: 'user',
    cause,
  })
}

function shallowOr(args: readonly string[], run: Awaited<ReturnType<typeof runGit>>): GitError {
  const failed = gitFailed(args[0] ?? '', run)
  return /bad object|unknown revision|shallow|not a valid object/i.test(run.stderr)
    ? shallow('Part of the history', failed)
    : failed
}
