import { z } from 'zod'
import { setResolved } from '../acts/threads.ts'
import { ApiError } from '../api-error.ts'
import { authenticate } from '../auth/authenticate.ts'
import { type Caller, callerKey, findActor } from '../auth/caller.ts'
import { checkRepository } from '../auth/access.ts'
import type { ApiAnswer, ApiRequest } from '../rest/answer.ts'
import type { World } from '../world.ts'
import { describePullRequest } from './describe-pull-request.ts'
import { failure } from './failure.ts'
import { findThread } from './find-thread.ts'

const requestShape = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).nullish() })

/** The few GraphQL questions that REST cannot answer; any other gets `errors`. */
export async function answerGraphql(world: World, request: ApiRequest): Promise<ApiAnswer> {
  try {
    const caller = authenticate(world, request.headers.get('authorization') ?? undefined)
    if (caller.kind === 'anonymous') throw new ApiError(401, 'This endpoint requires you to be authenticated.')
    const { query, variables } = requestShape.parse(JSON.parse(request.body))
    const body = await execute(world, caller, {
      query,
      variables: { ...variables, ...readArguments(query, variables ?? {}) },
    })
    return { reply: { status: 200, body }, caller: callerKey(caller) }
  } catch (error) {
    if (error instanceof ApiError)
      return { reply: { status: error.status, body: { message: error.message } }, caller: 'anonymous' }
    return {
      reply: { status: 400, body: { message: 'A query attribute must be specified and must be a string.' } },
      caller: 'anonymous',
    }
  }
}

type Question = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> }

async function execute(world: World, caller: Caller, question: Question): Promise<unknown> {
  const { query } = question
  const mutation = /\b(resolveReviewThread|unresolveReviewThread)\b/.exec(query)?.[1]
  if (mutation !== undefined) return resolveThread(world, caller, { ...question, mutation })
  const isKnown = /\bpullRequest\b/.test(query) && /\b(reviewThreads|closingIssuesReferences)\b/.test(query)
  if (!isKnown) return failure('undefinedField', 'The sandbox does not know this query.')
  return describePullRequest(world, caller, question)
}

async function resolveThread(
  world: World,
  caller: Caller,
  question: Question & { mutation: string },
): Promise<unknown> {
  const { mutation, variables } = question
  const inner = z.object({ threadId: z.string() }).safeParse(variables.input ?? variables)
  const id = inner.success ? inner.data.threadId : ''
  const found = findThread(world, id)
  const actor = findActor(caller)
  if (found === undefined || actor === undefined)
    return failure('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'.`)
  const { repository, thread } = found
  const access = { for: 'repository', permissions: ['pull_requests'], level: 'write', role: 'write' } as const
  try {
    checkRepository(world, repository, { access, caller, isRead: false })
  } catch (error) {
    if (error instanceof ApiError) return failure('FORBIDDEN', error.message)
    throw error
  }
  await setResolved(world, repository, thread, { resolved: mutation === 'resolveReviewThread', actor })
  return { data: { [mutation]: { thread: { id: thread.nodeId, isResolved: thread.resolvedBy !== null } } } }
}

// What the few arguments that matter stand for: a value in the query itself, or a variable under any name.
function readArguments(query: string, variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found = [...query.matchAll(/\b(owner|name|number|threadId)\s*:\s*(?:"([^"]*)"|(\d+)|\$(\w+))/g)]
  return Object.fromEntries(
    found.map(([, key, text, digits, variable]) => [
      key,
      variable === undefined ? (text ?? Number(digits)) : variables[variable],
    ]),
  )
}
