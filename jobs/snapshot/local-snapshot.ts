import { type PolicyProblem, parsePolicyFile } from '../../config/parse-policy-file.ts'
import { POLICY_PATH } from '../../config/policy-schema.ts'
import { configWithoutFile, defaultConfig, type ResolvedConfig } from '../../config/resolved-config.ts'
import { AGENT_RULE_PATHS } from '../../governance/agent-rules.ts'
import {
  failedToSee,
  notVisibleHere,
  type Part,
  type Principal,
  type Snapshot,
  seen,
} from '../../governance/snapshot.ts'
import { GitError, type GitCommit, type GitSide, type LocalGit } from '../../ports/git.ts'
import type { CommitSha } from '../../ports/ids.ts'
import { coAuthorsOf } from './commits.ts'
import { readLocalMerged } from './local-merged.ts'
import { findLocalBase } from './local-base.ts'
import { type PlanCache, readPlanSide, sameSide } from './plan-sides.ts'

export interface LocalChange {
  /** Where the change would be merged; found by itself when absent. */
  readonly base?: string
  /** A branch or commit (HEAD when absent), or the index. */
  readonly head?: string | 'staged'
  /** The name of the head branch, where git does not know it or another one is meant. */
  readonly branch?: string
}

export interface LocalSnapshot {
  readonly snapshot: Snapshot
  readonly config: ResolvedConfig
  /** What is wrong with devloop.yml on the base; the defaults then stand in for it. */
  readonly problems: readonly PolicyProblem[]
}

/** Most commits a change is expected to have. */
const MAX_COMMITS = 1000

/** Builds the snapshot of a change in a local repository, the staged index included. Throws `GitError`. */
export async function buildLocalSnapshot(
  git: LocalGit,
  change: LocalChange,
  parts: { readonly nowMs: number; readonly cache: PlanCache; readonly repository?: string },
): Promise<LocalSnapshot> {
  const headSha = await headOf(git, change)
  const base = await findLocalBase(git, change.base)
  const staged = change.head === 'staged'
  const side: GitSide = staged ? 'staged' : headSha
  const mergeBaseSha = await git.mergeBase(base.sha, headSha)
  if (mergeBaseSha === null) throw unrelated(base.ref, headSha)

  const policyText = await git.readFile(POLICY_PATH, base.sha)
  const policy = policyText === null ? undefined : parsePolicyFile(policyText)
  const config = policy === undefined ? configWithoutFile() : policy.ok ? policy.config : defaultConfig()
  const { dir } = config.governance.plan

  const [files, commits, changedAt, merged, committer, branches] = await Promise.all([
    git.changedFiles(mergeBaseSha, side),
    git.log({ from: mergeBaseSha, to: headSha, limit: MAX_COMMITS }),
    planChangedAt(git, base.sha, dir),
    readLocalMerged(git, base.sha),
    staged ? git.config('user.email') : null,
    existingBranches(git, config),
  ])
  const touched = files.flatMap(({ path, previousPath }) => [
    path,
    ...(previousPath === undefined ? [] : [previousPath]),
  ])
  const source = git
  const mergeBase = await readPlanSide(source, mergeBaseSha, dir, parts.cache)
  const planBase = base.sha === mergeBaseSha ? mergeBase : await readPlanSide(source, base.sha, dir, parts.cache)
  const head = touched.some((path) => path.startsWith(`${dir}/`))
    ? await readPlanSide(source, side, dir, parts.cache)
    : sameSide(mergeBase, side)
  const headRef =
    change.branch ?? (change.head === undefined || staged ? git.branch : await branchName(git, change.head))
  const [oldest] = commits.toReversed()
  const isSeenByGit = <T>(what: string) => notVisibleHere<T>(`local git knows no ${what}`)

  const snapshot: Snapshot = {
    schemaVersion: 1,
    world: 'local',
    repository: parts.repository ?? git.root.slice(git.root.lastIndexOf('/') + 1),
    now: new Date(parts.nowMs).toISOString(),
    appLogin: null,
    change: {
      kind: 'local',
      number: null,
      headRef: headRef === null ? notVisibleHere('HEAD is detached; name the branch with --branch') : seen(headRef),
      baseRef: base.branch,
      headSha: side,
      baseSha: base.sha,
      mergeBaseSha,
      draft: false,
      fromFork: false,
      title: (oldest?.message ?? 'staged changes').split('\n', 1)[0] ?? '',
      body: seen(commits.map(({ message }) => message).join('\n\n')),
      author: author(oldest, committer),
      labels: isSeenByGit('labels'),
      members: [],
    },
    files: seen(files),
    existingBranches: seen(branches),
    plans: { base: planBase, mergeBase, head },
    planChangedAt: changedAt,
    commits:
      commits.length < MAX_COMMITS
        ? seen([...commits.map(localCommit), ...stagedCommit(committer)])
        : failedToSee(`this change has more than ${MAX_COMMITS} commits`),
    pushers: isSeenByGit('pushers'),
    launchers: isSeenByGit('launchers of agents'),
    reviews: isSeenByGit('reviews'),
    agentReviews: isSeenByGit('reviews'),
    teams: isSeenByGit('teams'),
    checks: isSeenByGit('checks'),
    merged: await merged(mergeBase, head),
    open: isSeenByGit('other pull requests'),
    directPushes: isSeenByGit('pushes'),
    waivers: isSeenByGit('waivers'),
    agentRules: seen(
      await Promise.all(AGENT_RULE_PATHS.map(async (path) => ({ path, text: await git.readFile(path, side) }))),
    ),
    policyAtHead: seen(touched.includes(POLICY_PATH) ? await git.readFile(POLICY_PATH, side) : null),
  }
  return { snapshot, config, problems: policy?.ok === false ? policy.problems : [] }
}

async function headOf(git: LocalGit, { head }: LocalChange): Promise<CommitSha> {
  if (git.headSha === null) {
    throw new GitError({
      code: 'empty',
      message: `${git.root} has no commit yet, so there is nothing to compare with.`,
      remedy: 'Make a first commit.',
      owner: 'user',
    })
  }
  if (head === undefined || head === 'staged') return git.headSha
  const found = await git.find(head)
  if (found !== null) return found
  throw new GitError({
    code: 'no-such-ref',
    message: `${head} is no branch, tag or commit of ${git.root}.`,
    remedy: git.isShallow ? 'Fetch it with `git fetch origin <branch>`.' : 'Look at `git branch --all`.',
    owner: 'user',
  })
}

function unrelated(base: string, head: CommitSha): GitError {
  return new GitError({
    code: 'no-such-ref',
    message: `${base} and ${head.slice(0, 7)} have no common history.`,
    remedy: 'Name another base with --base.',
    owner: 'user',
  })
}

/** In a shallow clone the oldest commit that was fetched seems to have made everything. */
async function planChangedAt(git: LocalGit, baseSha: CommitSha, dir: string): Promise<Part<string | null>> {
  if (git.isShallow) return failedToSee('this clone is shallow; `git fetch --unshallow` brings the history of the plan')
  const [last] = await git.log({ to: baseSha, limit: 1, path: `${dir}/active` })
  return seen(last === undefined ? null : new Date(last.committedAt).toISOString())
}

async function existingBranches(git: LocalGit, { governance }: ResolvedConfig): Promise<readonly string[]> {
  const { main, staging } = governance.branches
  const names = [...new Set([main, staging].filter((name) => name !== null))]
  const found = await Promise.all(
    names.map(
      async (name) => (await git.find(`refs/heads/${name}`)) ?? (await git.find(`refs/remotes/origin/${name}`)),
    ),
  )
  return names.filter((_, index) => found[index] !== null)
}

/** `--head topic` names a branch; an id does not. */
async function branchName(git: LocalGit, head: string): Promise<string | null> {
  if (head === 'HEAD') return git.branch
  const short = head.replace(/^(?:refs\/heads\/|refs\/remotes\/origin\/|origin\/)/, '')
  const isBranch = (await git.find(`refs/heads/${short}`)) ?? (await git.find(`refs/remotes/origin/${short}`))
  return isBranch === null ? null : short
}

function author(oldest: GitCommit | undefined, committer: string | null): Part<Principal> {
  const email = oldest?.authorEmail ?? committer
  if (email === null) return notVisibleHere('git has no user.email set')
  return seen({ login: null, type: null, email })
}

function localCommit(commit: GitCommit) {
  return {
    sha: commit.sha,
    author: { login: null, type: null, email: commit.authorEmail },
    committer: { login: null, type: null, email: commit.committerEmail },
    coAuthors: [...coAuthorsOf(commit.message)],
  }
}

/** Whoever commits the index next. */
function stagedCommit(email: string | null) {
  if (email === null) return []
  const principal = { login: null, type: null, email }
  return [{ sha: 'staged', author: principal, committer: principal, coAuthors: [] }]
}
