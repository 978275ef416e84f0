import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { LoggedCall } from '../call-log.ts'
import type { FaultPlan } from '../faults/fault-plan.ts'
import { faultReply } from '../faults/fault-reply.ts'
import { answerGraphql } from '../graphql/answer-graphql.ts'
import type { World } from '../world.ts'
import { type ApiRequest, answer, type Judge } from './answer.ts'
import { createMatcher } from './match-route.ts'
import type { Reply } from './route.ts'
import { routes } from './routes.ts'

export interface ApiParts {
  readonly faults: FaultPlan
  readonly calls: LoggedCall[]
  readonly judge: Judge | undefined
}

/** The API over HTTP: faults first, then the operation, then the log. */
export function createApiServer(world: World, parts: ApiParts) {
  const match = createMatcher(routes)
  const server = new Hono<{ Bindings: HttpBindings }>()
  server.all('*', async (context) => {
    const startedAtMs = performance.now()
    const url = new URL(context.req.url)
    const { method } = context.req
    const request = { method, url, headers: context.req.raw.headers, body: await context.req.text() }
    const fault = parts.faults.take(method, url.pathname)
    if (fault?.fault === 'latency') await sleep(fault.ms ?? 0)
    const found = match(method, url.pathname)
    const isGraphql = method === 'POST' && url.pathname === '/graphql'
    const early = fault === undefined ? undefined : faultReply(fault, world.nowMs())
    const answered =
      early !== undefined
        ? { reply: early, caller: 'unknown' }
        : isGraphql
          ? await answerGraphql(world, request)
          : await answer(world, request, { match: found, judge: parts.judge })
    parts.calls.push(
      log(request, { ...answered, startedAtMs, operation: isGraphql ? 'POST /graphql' : found?.route.name }),
    )
    if (fault?.fault === 'lost-reply') context.env.incoming.socket.destroy()
    return toResponse(answered.reply)
  })
  return server
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
