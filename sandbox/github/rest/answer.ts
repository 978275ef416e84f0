import { createHash } from 'node:crypto'
import { ApiError, notFound } from '../api-error.ts'
import { checkKind, checkRepository } from '../auth/access.ts'
import { authenticate } from '../auth/authenticate.ts'
import { type Caller, callerKey } from '../auth/caller.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import type { Match } from './match-route.ts'
import { rateHeaders, rateWindow } from './rate-limit.ts'
import { Call, type Reply } from './route.ts'

export interface ApiRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: string
}

export interface ApiAnswer {
  readonly reply: Reply
  readonly caller: string
}

/** What stands between a request and its operation, and may refuse either side of it. */
export interface Judge {
  request(match: Match, request: ApiRequest, body: unknown): void
  response(match: Match, request: ApiRequest, reply: Reply): void
  /** Somebody asked for what the sandbox does not have, which a plain 404 would hide. */
  unknown(request: ApiRequest): void
}

const documentationUrl = 'https://docs.github.com/rest'

/** Authenticates, checks, runs and judges one request; every refusal becomes a reply. */
export async function answer(
  world: World,
  request: ApiRequest,
  parts: { match: Match | undefined; judge: Judge | undefined },
): Promise<ApiAnswer> {
  const { match, judge } = parts
  let caller: Caller = { kind: 'anonymous' }
  let reply: Reply
  try {
    caller = authenticate(world, request.headers.get('authorization') ?? undefined)
    reply = await run(world, request, { match, judge, caller })
  } catch (error) {
    reply = renderError(error)
  }
  if (match !== undefined) reply = judged(() => judge?.response(match, request, reply), reply)
  return { reply: finish(world, request, { reply, caller }), caller: callerKey(caller) }
}

async function run(
  world: World,
  request: ApiRequest,
  parts: { match: Match | undefined; judge: Judge | undefined; caller: Caller },
): Promise<Reply> {
  const { match, judge, caller } = parts
  const window = rateWindow(world, callerKey(caller))
  const isFree = request.url.pathname === '/rate_limit'
  if (window.used >= window.limit && !isFree) throw new ApiError(403, 'API rate limit exceeded')
  if (match === undefined) {
    judge?.unknown(request)
    throw notFound()
  }
  const body = parseBody(request.body)
  judge?.request(match, request, body)
  const { route, params } = match
  checkKind(route.access, caller)
  const repository = findRepository(world, params)
  if (route.access.for === 'repository') {
    if (repository === undefined) throw notFound()
    checkRepository(world, repository, { access: route.access, caller, isRead: request.method === 'GET' })
  }
  const accept = request.headers.get('accept') ?? ''
  return route.handle(new Call({ world, caller, url: request.url, accept, body, params, repository }))
}

function findRepository(world: World, params: Readonly<Record<string, string>>): Repository | undefined {
  const { owner, repo } = params
  return owner === undefined || repo === undefined ? undefined : world.findRepository(owner, repo)
}

function parseBody(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(400, 'Problems parsing JSON')
  }
}

function renderError(error: unknown): Reply {
  if (!(error instanceof ApiError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { status: 500, body: { message: `The sandbox failed: ${message}`, documentation_url: documentationUrl } }
  }
  const { status, message, errors } = error
  const body = {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: documentationUrl,
    status: String(status),
  }
  return { status, body }
}

function judged(judge: () => void, reply: Reply): Reply {
  try {
    judge()
    return reply
  } catch (error) {
    return renderError(error)
  }
}

// A conditional request that is answered 304 costs nothing.
function finish(world: World, request: ApiRequest, parts: { reply: Reply; caller: Caller }): Reply {
  const { reply, caller } = parts
  const window = rateWindow(world, callerKey(caller))
  const text = reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body))
  const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`
  const isRead = request.method === 'GET' && reply.status === 200
  const isUnchanged = isRead && (request.headers.get('if-none-match') ?? '').replace(/^W\//, '') === etag.slice(2)
  if (!isUnchanged && request.url.pathname !== '/rate_limit') window.used += 1
  const headers = {
    ...rateHeaders(window),
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': world.randomHex(16).toUpperCase(),
    ...(isRead ? { etag, 'cache-control': 'private, max-age=60, s-maxage=60' } : {}),
    ...reply.headers,
  }
  if (isUnchanged) return { status: 304, headers }
  const contentType = reply.contentType ?? 'application/json; charset=utf-8'
  return {
    status: reply.status,
    text,
    headers: text.length === 0 ? headers : { ...headers, 'content-type': contentType },
  }
}
