import { SandboxError } from '../sandbox-error.ts'
import { readLooseBranch } from './branches.ts'
import type { GitRepository } from './git-repository.ts'

export interface Signature {
  readonly name: string
  readonly email: string
  readonly date: string
}

export interface Commit {
  readonly sha: string
  readonly treeSha: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

const format = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x1f')

/** The commit a revision names, or undefined where there is none. */
export async function findSha(git: GitRepository, revision: string): Promise<string | undefined> {
  if (revision === '' || revision.startsWith('-')) return undefined
  // A full name means the same commit for ever, once it is there.
  if (/^[0-9a-f]{40}$/.test(revision) && git.isRemembered(`commit ${revision}`)) return revision
  const loose = await readLooseBranch(git, `refs/heads/${revision.replace(/^refs\/heads\//, '')}`)
  if (loose !== undefined) return loose
  const { code, stdout } = await git.run(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    {
      answers: [1, 128],
    },
  )
  return code === 0 ? stdout.toString('utf8').trim() : undefined
}

/** The commits of a range, newest first as git lists them. */
export async function listCommits(git: GitRepository, args: readonly string[]): Promise<Commit[]> {
  const text = (await git.run(['log', `--format=${format}%x1e`, ...args])).stdout.toString('utf8')
  return text
    .split('\x1e')
    .map((record) => record.replace(/^\n/, ''))
    .filter((record) => record !== '')
    .map(parseCommit)
}

/** The commits of `head` that `base` lacks, oldest first. */
export function listRange(git: GitRepository, base: string, head: string): Promise<Commit[]> {
  return git.remember(`range ${base} ${head}`, () =>
    listCommits(git, ['--reverse', '--topo-order', `${base}..${head}`]),
  )
}

export function getCommit(git: GitRepository, sha: string): Promise<Commit> {
  return git.remember(`commit ${sha}`, async () => {
    const [commit] = await listCommits(git, ['-1', sha, '--'])
    if (commit === undefined) throw new SandboxError('not-found', `${sha} is no commit in ${git.dir}.`)
    return commit
  })
}

/** Where two lines of history parted, or undefined for unrelated ones. */
export function findMergeBase(git: GitRepository, left: string, right: string): Promise<string | undefined> {
  return git.remember(`base ${left} ${right}`, async () => {
    const { code, stdout } = await git.run(['merge-base', left, right], { answers: [1, 128] })
    return code === 0 ? stdout.toString('utf8').trim() : undefined
  })
}

function parseCommit(record: string): Commit {
  const [sha = '', treeSha = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', ...rest] =
    record.split('\x1f')
  return {
    sha,
    treeSha,
    parents: parents === '' ? [] : parents.split(' '),
    author: { name: an, email: ae, date: utc(ad) },
    committer: { name: cn, email: ce, date: utc(cd) },
    message: rest.join('\x1f').trimEnd(),
  }
}

function utc(date: string): string {
  return new Date(date).toISOString().replace(/\.\d+Z$/, 'Z')
}
