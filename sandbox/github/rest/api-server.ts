import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { LoggedCall } from '../call-log.ts'
import type { FaultPlan } from '../faults/fault-plan.ts'
import { faultReply } from '../faults/fault-reply.ts'
import { authenticate } from '../auth/authenticate.ts'
import { callerKey } from '../auth/caller.ts'
import { answerGraphql } from '../graphql/answer-graphql.ts'
import type { World } from '../world.ts'
import { type ApiAnswer, type ApiRequest, answer, type Judge } from './answer.ts'
import { createMatcher, type Match } from './match-route.ts'
import type { Reply } from './route.ts'
import { routes } from './routes.ts'
import type { SecondaryLimits } from './secondary-limits.ts'

export interface ApiParts {
  readonly faults: FaultPlan
  readonly calls: LoggedCall[]
  readonly judge: Judge | undefined
  /** Undefined: nobody is too fast. */
  readonly limits: SecondaryLimits | undefined
}

/** The API over HTTP: faults first, then the limits, then the operation, then the log. */
export function createApiServer(world: World, parts: ApiParts) {
  const match = createMatcher(routes)
  const server = new Hono<{ Bindings: HttpBindings }>()
  server.all('*', async (context) => {
    const startedAtMs = performance.now()
    const url = new URL(context.req.url)
    const { method } = context.req
    const request = { method, url, headers: context.req.raw.headers, body: await context.req.text() }
    const fault = parts.faults.take(method, url.pathname)
    const found = match(method, url.pathname)
    const operation = method === 'POST' && url.pathname === '/graphql' ? 'POST /graphql' : found?.route.name
    const early = fault === undefined ? undefined : faultReply(fault, world.nowMs())
    const delayMs = fault?.fault === 'latency' ? (fault.ms ?? 0) : 0
    const answered =
      early !== undefined
        ? { reply: early, caller: 'unknown' }
        : await withinLimits(world, parts, { request, operation, match: found, delayMs })
    parts.calls.push(log(request, { ...answered, startedAtMs, operation }))
    if (fault?.fault === 'lost-reply') context.env.incoming.socket.destroy()
    return toResponse(answered.reply)
  })
  return server
}

async function withinLimits(
  world: World,
  { limits, judge }: ApiParts,
  asked: {
    readonly request: ApiRequest
    readonly operation: string | undefined
    readonly match: Match | undefined
    readonly delayMs: number
  },
): Promise<ApiAnswer> {
  const { request, operation, match, delayMs } = asked
  const caller = findCaller(world, request)
  const isMutation = /"query"\s*:\s*"\s*mutation\b/.test(request.body)
  const costing = { method: request.method, operation, isMutation }
  const entered = caller === undefined ? undefined : limits?.enter(caller, costing)
  if (caller !== undefined && entered !== undefined && 'refusal' in entered) return { reply: entered.refusal, caller }
  try {
    if (delayMs > 0) await sleep(delayMs)
    if (operation === 'POST /graphql') return await answerGraphql(world, request)
    return await answer(world, request, { match, judge })
  } finally {
    if (entered !== undefined && 'leave' in entered) entered.leave()
  }
}

/** Undefined for credentials that will be refused. */
function findCaller(world: World, { headers }: ApiRequest): string | undefined {
  try {
    return callerKey(authenticate(world, headers.get('authorization') ?? undefined))
  } catch {
    return undefined
  }
}

function toResponse(reply: Reply): Response {
  const hasBody = reply.status !== 204 && reply.status !== 304
  const text = reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body))
  const type = reply.contentType ?? 'application/json; charset=utf-8'
  const body = typeof text === 'string' ? text : new Uint8Array(text)
  return new Response(hasBody ? body : null, {
    status: reply.status,
    headers: { ...(hasBody ? { 'content-type': type } : {}), ...reply.headers },
  })
}

function log(
  request: ApiRequest,
  what: { reply: Reply; caller: string; startedAtMs: number; operation: string | undefined },
): LoggedCall {
  const { reply, caller, startedAtMs, operation } = what
  return {
    method: request.method,
    path: request.url.pathname + request.url.search,
    operation,
    caller,
    status: reply.status,
    requestBytes: Buffer.byteLength(request.body),
    responseBytes: Buffer.byteLength(reply.text ?? JSON.stringify(reply.body) ?? ''),
    durationMs: performance.now() - startedAtMs,
  }
}
