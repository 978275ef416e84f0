import { findBranchSha, findRef } from '../git/branches.ts'
import { listCommits } from '../git/commits.ts'
import { listDiff } from '../git/diff.ts'
import { fetchCommit } from '../git/merge.ts'
import { commitFiles, deleteRef, type FileChanges, moveRef, noSha } from '../git/write-commit.ts'
import { validationFailed } from '../api-error.ts'
import { renderAccount } from '../render/render-account.ts'
import { renderSimpleCommit } from '../render/render-commit.ts'
import { renderRepository, repositoryWebUrl } from '../render/render-repository.ts'
import type { Actor } from '../state/account.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { emitPullRequest } from './emit-pull-request.ts'
import { signatureOf } from './repositories.ts'
import { updatePullRequest } from './update-pull-request.ts'
import { requestSuites } from './suites.ts'
import { closeAsMerged } from './close-as-merged.ts'
import { followComments } from './follow-comments.ts'

/** Commits changes on top of a branch (created from the default branch if need be) and pushes them. */
export async function pushFiles(
  world: World,
  repository: Repository,
  push: { branch: string; files: FileChanges; message: string; actor: Actor; from?: string | undefined },
): Promise<string> {
  const git = world.git(repository)
  const tip = await findBranchSha(git, push.branch)
  const parent = push.from ?? tip ?? (await findBranchSha(git, repository.defaultBranch))
  const author = signatureOf(world, push.actor.account)
  const sha = await commitFiles(git, { parent, changes: push.files, message: push.message, author })
  await updateRef(world, repository, { ref: `refs/heads/${push.branch}`, after: sha, actor: push.actor })
  return sha
}

/** Moves, creates or (with `noSha`) deletes a ref and tells everybody whom it concerns. */
export async function updateRef(
  world: World,
  repository: Repository,
  move: { ref: string; after: string; actor: Actor; expected?: string | undefined },
): Promise<void> {
  const { ref, after, actor } = move
  const git = world.git(repository)
  const before = (await findRef(git, ref))?.sha ?? noSha
  if (before === after) return
  if (after === noSha) await deleteRef(git, ref)
  else if (!(await moveRef(git, ref, after, move.expected ?? before))) {
    throw validationFailed({ resource: 'Reference', code: 'custom', message: `Reference ${ref} could not be moved` })
  }
  repository.pushedAt = world.now()
  if (!ref.startsWith('refs/heads/') && !ref.startsWith('refs/tags/')) return
  emitBirthOrDeath(world, repository, { ref, before, after, actor })
  await emitPush(world, repository, { ref, before, after, actor })
  if (ref.startsWith('refs/heads/')) await afterBranchMoved(world, repository, { ref, before, after, actor })
}

type Move = { ref: string; before: string; after: string; actor: Actor }

async function afterBranchMoved(world: World, repository: Repository, move: Move): Promise<void> {
  const branch = move.ref.slice('refs/heads/'.length)
  if (move.after !== noSha) await requestSuites(world, repository, { ...move, branch })
  for (const target of world.repositories.values()) {
    for (const pullRequest of target.pullRequests.values()) {
      if (target.issues.get(pullRequest.number)?.state !== 'open') continue
      const isHead = pullRequest.headRepositoryId === repository.id && pullRequest.headRef === branch
      if (isHead && move.after !== noSha) await synchronize(world, target, { pullRequest, source: repository, move })
      // Without its branch an unmerged pull request is closed.
      if (isHead && move.after === noSha)
        await updatePullRequest(world, target, pullRequest, { state: 'closed', actor: move.actor })
      const isBase = target === repository && pullRequest.baseRef === branch
      if (isBase && move.after !== noSha) await closeAsMerged(world, target, { pullRequest, ...move })
    }
  }
}

// A push to the head: the pull request shows the new commits, and comments follow their lines.
async function synchronize(
  world: World,
  target: Repository,
  change: { pullRequest: PullRequest; source: Repository; move: Move },
): Promise<void> {
  const { pullRequest, source, move } = change
  const git = world.git(target)
  await fetchCommit(git, source.gitDir, move.after, `refs/pull/${pullRequest.number}/head`)
  pullRequest.headSha = move.after
  pullRequest.baseSha = (await findBranchSha(git, pullRequest.baseRef)) ?? pullRequest.baseSha
  pullRequest.pushes.push({
    id: world.nextId(),
    before: move.before,
    after: move.after,
    login: move.actor.account.login,
    at: world.now(),
  })
  const issue = target.issues.get(pullRequest.number)
  if (issue !== undefined) issue.updatedAt = world.now()
  await followComments(world, target, pullRequest)
  const extra = { before: move.before, after: move.after }
  await emitPullRequest(world, target, { pullRequest, action: 'synchronize', actor: move.actor, extra })
}

function emitBirthOrDeath(world: World, repository: Repository, move: Move): void {
  if (move.before !== noSha && move.after !== noSha) return
  const [, kind, ...rest] = move.ref.split('/')
  const common = { ref: rest.join('/'), ref_type: kind === 'tags' ? 'tag' : 'branch', pusher_type: 'user' }
  const isBirth = move.before === noSha
  emit(world, {
    name: isBirth ? 'create' : 'delete',
    actor: move.actor,
    repository,
    payload: isBirth
      ? { ...common, master_branch: repository.defaultBranch, description: repository.description }
      : common,
  })
}

async function emitPush(world: World, repository: Repository, move: Move): Promise<void> {
  const { ref, before, after, actor } = move
  const git = world.git(repository)
  const web = repositoryWebUrl(world, repository)
  const hasBoth = before !== noSha && after !== noSha
  const range = hasBoth ? [`${before}..${after}`] : [after, '-1']
  // GitHub lists no more than 2,048 commits of a push.
  const commits = after === noSha ? [] : await listCommits(git, ['--reverse', '-n', '2048', ...range])
  for (const commit of commits) void git.remember(`commit ${commit.sha}`, () => Promise.resolve(commit))
  // History was kept if and only if one of the new commits continues the old tip.
  const isForced = hasBoth && !commits.some(({ parents }) => parents.includes(before))
  const rendered = await Promise.all(
    commits.map(async (commit) => {
      const parent = commit.parents[0]
      const files = parent === undefined ? [] : await listDiff(git, parent, commit.sha)
      const named = (...statuses: string[]) =>
        files.filter(({ status }) => statuses.includes(status)).map(({ path }) => path)
      return {
        ...renderSimpleCommit(commit),
        distinct: true,
        url: `${web}/commit/${commit.sha}`,
        added: named('added', 'renamed', 'copied'),
        removed: named('removed'),
        modified: named('modified', 'changed'),
      }
    }),
  )
  const pushedAtSeconds = Math.floor(world.nowMs() / 1000)
  emit(world, {
    name: 'push',
    actor,
    repository,
    payload: {
      ref,
      before,
      after,
      created: before === noSha,
      deleted: after === noSha,
      forced: isForced,
      base_ref: null,
      compare: `${web}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
      commits: rendered,
      head_commit: rendered.at(-1) ?? null,
      pusher: { name: actor.account.login, email: actor.account.email },
      repository: {
        ...renderRepository(world, repository),
        owner: {
          ...renderAccount(world, world.account(repository.ownerLogin)),
          name: repository.ownerLogin,
          email: null,
        },
        created_at: Math.floor(Date.parse(repository.createdAt) / 1000),
        pushed_at: pushedAtSeconds,
        stargazers: 0,
        master_branch: repository.defaultBranch,
      },
    },
  })
}
