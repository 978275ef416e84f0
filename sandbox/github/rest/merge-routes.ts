import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError, notFound } from '../api-error.ts'
import { pullRequestOf } from '../acts/find.ts'
import { mergePullRequest } from '../acts/merge-pull-request.ts'
import { updateFromBase } from '../acts/update-from-base.ts'
import { changeReviewers } from '../acts/update-pull-request.ts'
import { renderLogin } from '../render/render-account.ts'
import { renderPullRequest } from '../render/render-pull-request.ts'
import { issueOf } from '../acts/find.ts'
import { created, noContent, ok } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const mergeRequest = z.object({
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
  sha: z.string().optional(),
  merge_method: z.enum(['merge', 'squash', 'rebase']).optional(),
})
const reviewers = z.object({ reviewers: z.array(z.string()).optional() })

async function merge(call: Call): Promise<Reply> {
  const pullRequest = pullRequestOf(call.repository, call.number('pull_number'))
  const { merge_method: method, commit_title: title, commit_message: message, sha } = call.read(mergeRequest)
  const request = { method, title, message, sha, actor: call.actor }
  const mergedSha = await mergePullRequest(call.world, call.repository, pullRequest, request)
  return ok({ sha: mergedSha, merged: true, message: 'Pull Request successfully merged' })
}

async function updateBranch(call: Call): Promise<Reply> {
  const pullRequest = pullRequestOf(call.repository, call.number('pull_number'))
  const { expected_head_sha: expected } = call.read(z.object({ expected_head_sha: z.string().optional() }))
  if (expected !== undefined && expected !== pullRequest.headSha) {
    throw new ApiError(422, `expected head sha didn’t match current head ref.`)
  }
  await updateFromBase(call.world, call.repository, pullRequest, call.actor)
  return {
    status: 202,
    body: { message: 'Updating pull request branch.', url: `${call.world.apiUrl}${call.url.pathname}` },
  }
}

async function change(call: Call, requested: boolean): Promise<Reply> {
  const pullRequest = pullRequestOf(call.repository, call.number('pull_number'))
  const logins = call.read(reviewers).reviewers ?? []
  await changeReviewers(call.world, call.repository, pullRequest, { logins, requested, actor: call.actor })
  const body = renderPullRequest(call.world, call.repository, pullRequest, issueOf(call.repository, pullRequest.number))
  return requested ? created(body) : ok(body)
}

export const mergeRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/merge',
    access: repositoryAccess('pull_requests', 'read', 'read'),
    handle: (call) => {
      if (pullRequestOf(call.repository, call.number('pull_number')).mergedAt === null) throw notFound()
      return noContent
    },
  },
  {
    name: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge',
    access: repositoryAccess('contents', 'write', 'write'),
    handle: merge,
  },
  {
    name: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch',
    access: repositoryAccess('pull_requests', 'write', 'write'),
    handle: updateBranch,
  },
  {
    name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
    access: repositoryAccess('pull_requests', 'read', 'read'),
    handle: (call) => {
      const { requestedReviewers } = pullRequestOf(call.repository, call.number('pull_number'))
      return ok({ users: requestedReviewers.map((login) => renderLogin(call.world, login)), teams: [] })
    },
  },
  {
    name: 'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
    access: repositoryAccess('pull_requests', 'write', 'write'),
    handle: (call) => change(call, true),
  },
  {
    name: 'DELETE /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
    access: repositoryAccess('pull_requests', 'write', 'write'),
    handle: (call) => change(call, false),
  },
]
