import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError } from '../api-error.ts'
import { renderNow } from '../acts/emit-pull-request.ts'
import { issueOf, pullRequestOf } from '../acts/find.ts'
import { openPullRequest } from '../acts/open-pull-request.ts'
import { diffBase, listPullRequestFiles } from '../acts/pull-request-facts.ts'
import { updatePullRequest } from '../acts/update-pull-request.ts'
import { listRange } from '../git/commits.ts'
import { renderCommit, renderDiffEntry } from '../render/render-commit.ts'
import { renderPullRequest } from '../render/render-pull-request.ts'
import type { PullRequest } from '../state/pull-request.ts'
import { checkMayEdit } from './issue-routes.ts'
import { answerDiff, answerPatch } from './diff-replies.ts'
import { created, ok, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const read = repositoryAccess('pull_requests', 'read', 'read')
const write = repositoryAccess('pull_requests', 'write', 'read')

const maxFiles = 3000
const maxCommits = 250

const newPullRequest = z.object({
  title: z.string(),
  body: z.string().nullish(),
  head: z.string(),
  base: z.string(),
  draft: z.boolean().optional(),
  maintainer_can_modify: z.boolean().optional(),
})
const pullRequestChange = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  base: z.string().optional(),
  maintainer_can_modify: z.boolean().optional(),
})

function wantedPullRequest(call: Call): PullRequest {
  return pullRequestOf(call.repository, call.number('pull_number'))
}

function listPullRequests(call: Call): Reply {
  const { world, repository } = call
  const state = call.query('state') ?? 'open'
  const head = call.query('head')
  const base = call.query('base')
  const items = [...repository.pullRequests.values()]
    .filter(({ number }) => state === 'all' || issueOf(repository, number).state === state)
    .filter(({ headOwnerLogin, headRef }) => head === undefined || `${headOwnerLogin}:${headRef}` === head)
    .filter(({ baseRef }) => base === undefined || baseRef === base)
  const sort = call.query('sort') ?? 'created'
  const key = (item: PullRequest) =>
    sort === 'updated' ? Date.parse(issueOf(repository, item.number).updatedAt) : item.number
  const isAscending =
    call.query('direction') === 'asc' ||
    (call.query('direction') === undefined && call.query('sort') !== undefined && sort !== 'created')
  items.sort((left, right) => (isAscending ? 1 : -1) * (key(left) - key(right) || left.number - right.number))
  return page(call, items, (item) => renderPullRequest(world, repository, item, issueOf(repository, item.number)))
}

async function getPullRequest(call: Call): Promise<Reply> {
  const pullRequest = wantedPullRequest(call)
  if (call.wants('diff'))
    return answerDiff(call, await diffBase(call.world, call.repository, pullRequest), pullRequest.headSha)
  if (call.wants('patch')) return answerPatch(call, pullRequest.baseSha, pullRequest.headSha)
  return ok(await renderNow(call.world, call.repository, pullRequest))
}

async function create(call: Call): Promise<Reply> {
  const { maintainer_can_modify: maintainerCanModify, ...request } = call.read(newPullRequest)
  const { world, repository, actor } = call
  const pullRequest = await openPullRequest(world, repository, { ...request, maintainerCanModify, actor })
  return created(await renderNow(world, repository, pullRequest))
}

async function update(call: Call): Promise<Reply> {
  const pullRequest = wantedPullRequest(call)
  checkMayEdit(call, issueOf(call.repository, pullRequest.number))
  const { maintainer_can_modify: maintainerCanModify, ...change } = call.read(pullRequestChange)
  await updatePullRequest(call.world, call.repository, pullRequest, {
    ...change,
    maintainerCanModify,
    actor: call.actor,
  })
  return ok(await renderNow(call.world, call.repository, pullRequest))
}

async function listFiles(call: Call): Promise<Reply> {
  const pullRequest = wantedPullRequest(call)
  const files = await listPullRequestFiles(call.world, call.repository, pullRequest)
  // GitHub lists no more, and says so nowhere but in `changed_files`.
  return page(call, files.slice(0, maxFiles), (file) =>
    renderDiffEntry(call.world, call.repository, file, pullRequest.headSha),
  )
}

async function listPullRequestCommits(call: Call): Promise<Reply> {
  const { baseSha, headSha } = wantedPullRequest(call)
  const commits = await listRange(call.git, baseSha, headSha)
  return page(call, commits.slice(0, maxCommits), (commit) => renderCommit(call.world, call.repository, commit))
}

async function listPullRequestsOfCommit(call: Call): Promise<Reply> {
  const { world, repository, git } = call
  const sha = call.param('commit_sha')
  if (!/^[0-9a-f]{40}$/.test(sha)) throw new ApiError(422, `No commit found for SHA: ${sha}`)
  const items: PullRequest[] = []
  for (const pullRequest of repository.pullRequests.values()) {
    if (pullRequest.mergeCommitSha === sha && pullRequest.mergedAt !== null) items.push(pullRequest)
    else if (await isAmong(git, pullRequest, sha)) items.push(pullRequest)
  }
  return page(call, items, (item) => renderPullRequest(world, repository, item, issueOf(repository, item.number)))
}

async function isAmong(git: Call['git'], { baseSha, headSha }: PullRequest, sha: string): Promise<boolean> {
  const shas = await git.remember(`shas ${baseSha} ${headSha}`, () => git.text(['rev-list', `${baseSha}..${headSha}`]))
  return shas.includes(sha)
}

export const pullRequestRoutes: readonly Route[] = [
  { name: 'GET /repos/{owner}/{repo}/pulls', access: read, handle: listPullRequests },
  { name: 'POST /repos/{owner}/{repo}/pulls', access: write, handle: create },
  { name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}', access: read, handle: getPullRequest },
  { name: 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}', access: write, handle: update },
  { name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files', access: read, handle: listFiles },
  { name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits', access: read, handle: listPullRequestCommits },
  {
    name: 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
    access: repositoryAccess(['pull_requests', 'contents'], 'read', 'read'),
    handle: listPullRequestsOfCommit,
  },
]
