import { z } from 'zod'
import { closingIssues } from '../acts/closing-issues.ts'
import { ApiError } from '../api-error.ts'
import { checkRepository } from '../auth/access.ts'
import type { Caller } from '../auth/caller.ts'
import { nodeId } from '../render/node-id.ts'
import { repositoryWebUrl } from '../render/render-repository.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { failure } from './failure.ts'

const variablesShape = z.looseObject({ owner: z.string(), name: z.string(), number: z.number() })

/** Answers `repository { pullRequest { reviewThreads closingIssuesReferences } }` with all fields it knows of them. */
export function describePullRequest(
  world: World,
  caller: Caller,
  question: { query: string; variables: Readonly<Record<string, unknown>> },
): unknown {
  const parsed = variablesShape.safeParse(question.variables)
  if (!parsed.success) return failure('BAD_USER_INPUT', 'Variables owner, name and number are needed.')
  const { owner, name, number } = parsed.data
  const repository = world.findRepository(owner, name)
  const pullRequest = repository?.pullRequests.get(number)
  if (repository === undefined || pullRequest === undefined)
    return failure('NOT_FOUND', 'Could not resolve to a PullRequest.')
  const access = { for: 'repository', permissions: ['pull_requests'], level: 'read', role: 'read' } as const
  try {
    checkRepository(world, repository, { access, caller, isRead: true })
  } catch (error) {
    if (error instanceof ApiError) return failure('FORBIDDEN', error.message)
    throw error
  }
  return {
    data: {
      repository: {
        pullRequest: {
          id: nodeId('PR', pullRequest.id),
          number: pullRequest.number,
          reviewThreads: connection(listThreads(repository, pullRequest)),
          closingIssuesReferences: connection(listClosed(world, repository, pullRequest)),
        },
      },
    },
  }
}

function connection<T>(nodes: readonly T[]) {
  const pageInfo = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null }
  return { totalCount: nodes.length, nodes, edges: nodes.map((node) => ({ node })), pageInfo }
}

function listThreads(repository: Repository, pullRequest: PullRequest) {
  const threads = [...repository.threads.values()].filter((thread) => thread.pullRequestNumber === pullRequest.number)
  return threads.map((thread) => {
    const comments = [...repository.reviewComments.values()].filter((comment) => comment.threadId === thread.id)
    const first = comments[0]
    return {
      id: thread.nodeId,
      isResolved: thread.resolvedBy !== null,
      isOutdated: first?.line === null,
      path: first?.path ?? '',
      line: first?.line ?? null,
      originalLine: first?.originalLine ?? null,
      startLine: first?.startLine ?? null,
      diffSide: first?.side ?? 'RIGHT',
      resolvedBy: thread.resolvedBy === null ? null : { login: thread.resolvedBy },
      comments: connection(
        comments.map((comment) => ({
          id: nodeId('PRRC', comment.id),
          databaseId: comment.id,
          fullDatabaseId: String(comment.id),
          body: comment.body,
          author: { login: comment.authorLogin.replace(/\[bot\]$/, '') },
        })),
      ),
    }
  })
}

function listClosed(world: World, repository: Repository, pullRequest: PullRequest) {
  return closingIssues(repository, pullRequest).map(({ id, number, title, state, body }) => {
    const url = `${repositoryWebUrl(world, repository)}/issues/${number}`
    return { id: nodeId('I', id), number, title, state: state.toUpperCase(), url, body: body ?? '' }
  })
}
