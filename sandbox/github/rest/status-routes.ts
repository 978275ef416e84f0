import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { createStatus } from '../acts/statuses.ts'
import { renderSimpleStatus, renderStatus } from '../render/render-check.ts'
import { renderRepository, repositoryUrl } from '../render/render-repository.ts'
import type { CommitStatus } from '../state/check.ts'
import { created, page, takePage } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'
import { refSha } from './suite-routes.ts'

const read = repositoryAccess('statuses', 'read', 'read')

const newStatus = z.object({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string().optional(),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
})

async function combined(call: Call): Promise<Reply> {
  const { world, repository } = call
  const sha = await refSha(call)
  const latest = [
    ...new Map(
      ofCommit(call, sha)
        .toReversed()
        .map((status) => [status.context, status]),
    ).values(),
  ]
  const { slice, headers } = takePage(call, latest)
  const url = `${repositoryUrl(world, repository)}/commits/${sha}`
  const body = {
    state: combine(latest),
    statuses: slice.map((status) => renderSimpleStatus(world, repository, status)),
    sha,
    total_count: latest.length,
    repository: renderRepository(world, repository),
    commit_url: url,
    url: `${url}/status`,
  }
  return { status: 200, body, headers }
}

function combine(statuses: readonly CommitStatus[]): 'success' | 'failure' | 'pending' {
  const states = new Set(statuses.map(({ state }) => state))
  if (states.has('error') || states.has('failure')) return 'failure'
  return states.size === 0 || states.has('pending') ? 'pending' : 'success'
}

/** Newest first. */
function ofCommit(call: Call, sha: string): CommitStatus[] {
  return call.repository.statuses.filter((status) => status.sha === sha).reverse()
}

export const statusRoutes: readonly Route[] = [
  {
    name: 'POST /repos/{owner}/{repo}/statuses/{sha}',
    access: repositoryAccess('statuses', 'write', 'write'),
    handle: async (call) => {
      const { target_url: targetUrl, ...request } = call.read(newStatus)
      const status = await createStatus(call.world, call.repository, {
        ...request,
        targetUrl,
        sha: call.param('sha'),
        actor: call.actor,
      })
      return created(renderStatus(call.world, call.repository, status))
    },
  },
  {
    name: 'GET /repos/{owner}/{repo}/commits/{ref}/statuses',
    access: read,
    handle: async (call) =>
      page(call, ofCommit(call, await refSha(call)), (status) => renderStatus(call.world, call.repository, status)),
  },
  { name: 'GET /repos/{owner}/{repo}/commits/{ref}/status', access: read, handle: combined },
]
