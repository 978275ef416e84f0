import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Contract } from '../ollama/contract.ts'
import type { Account, RecordedCall } from './account.ts'
import { isBootFault, type Operation, rollCall } from './faults.ts'
import { streamLogs } from './logs.ts'
import type { Call } from './operations.ts'
import { RateLimiter } from './rate-limiter.ts'
import { ProblemReply, problem, type Reply } from './reply.ts'
import { type Route, routes } from './routes.ts'
import { type Strike, strike } from './strike.ts'

const largestBody = 102_400
// A chaos run makes calls for hours; the newest are enough to explain a failure.
const mostCalls = 20_000

/** REST v2 over one account. */
export class Api {
  /** Bodies of our own that the vendor's document refuses; a test looks that there are none. */
  readonly violations: string[] = []
  readonly #account: Account
  readonly #judge: Contract | undefined
  readonly #limiter: RateLimiter

  constructor(account: Account, judge: Contract | undefined) {
    this.#account = account
    this.#judge = judge
    this.#limiter = new RateLimiter(account.options.rateLimit ?? { perMinute: 6_000, perHour: 300_000 }, account.clock)
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const method = request.method ?? 'GET'
    const text = await readText(request)
    const logsOf = method === 'GET' ? /^\/v2\/pods\/([^/]+)\/logs$/.exec(url.pathname)?.[1] : undefined
    const route = routes.find((candidate) => candidate.method === method && candidate.pattern.test(url.pathname))
    const id = route?.pattern.exec(url.pathname)?.[1] ?? logsOf ?? ''
    const operation = logsOf === undefined ? route?.operation : 'logs'
    const key = this.#keyOf(request, id)
    const fault = operation === undefined || key === 'refused' ? undefined : this.#faultFor(operation)
    const call: RecordedCall = {
      at: this.#account.clock.now(),
      operation: operation ?? 'unknown',
      method,
      path: `${url.pathname}${url.search}`,
      key: key === 'refused' ? 'none' : key,
      body: parsed(text),
      fault: fault?.name,
      status: 0,
    }
    this.#account.calls.push(call)
    if (this.#account.calls.length > mostCalls) this.#account.calls.shift()
    const send = (reply: Reply): void => {
      if (response.destroyed) return
      call.status = reply.status
      sendReply(response, reply, this.#limiter.headers())
    }
    if (key === 'refused') return send(problem(401, 'the API key is missing or invalid'))
    if (key === 'account' && !this.#limiter.admit()) return send(this.#limited())
    if (key === 'pod' && !this.#mayActOnItself(operation, call.body))
      return send(problem(403, 'this key may not do that'))
    const perform = (): Reply => this.#perform(route, { body: call.body, query: url.searchParams, id }, text)
    if (fault !== undefined) return strike(this.#account, fault, { perform, send, response })
    if (logsOf !== undefined) return streamLogs(this.#account, logsOf, url.searchParams, request, response)
    send(perform())
  }

  #keyOf(request: IncomingMessage, id: string): 'account' | 'pod' | 'refused' {
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (given === this.#account.apiKey) return 'account'
    const holder = [...this.#account.pods.values()].find((pod) => pod.scopedKey === given)
    if (holder === undefined) return 'refused'
    return holder.id === id || id === '' ? 'pod' : 'refused'
  }

  /** Whether a pod's own key may do this to its own pod: undocumented, so a setting. */
  #mayActOnItself(operation: Operation | undefined, body: unknown): boolean {
    const right = this.#account.options.scopedKey ?? 'all'
    const isStop = operation === 'action' && JSON.stringify(body) === '{"action":"stop"}'
    if (right === 'none') return false
    return isStop || (right === 'all' && (operation === 'delete' || operation === 'action'))
  }

  #faultFor(operation: Operation): Strike | undefined {
    const scripted = this.#account.faults.take(operation)
    if (scripted !== undefined && !isBootFault(scripted.fault)) return { name: scripted.fault, ms: scripted.ms }
    const name = rollCall(operation, this.#account.chaos, this.#account.random)
    return name === undefined ? undefined : { name, ms: undefined }
  }

  #limited(): Reply {
    const reply = problem(429, 'rate limit exceeded')
    return { ...reply, headers: { 'retry-after': String(this.#limiter.retryAfterSeconds()) } }
  }

  #perform(route: Route | undefined, call: Call, text: string): Reply {
    if (route === undefined) return problem(404, 'no such route')
    if (Buffer.byteLength(text) > largestBody) return problem(413, `body exceeds ${largestBody} bytes`)
    try {
      const reply = route.run(this.#account, this.#judged(route, call))
      if (route.answers !== undefined && reply.body !== null) this.#examine(route.answers, reply.body)
      return reply
    } catch (refusal) {
      if (!(refusal instanceof ProblemReply)) throw refusal
      this.#examine('ErrorResponse', refusal.reply.body ?? 'null')
      return refusal.reply
    }
  }

  #judged(route: Route, call: Call): Call {
    if (route.asks === undefined) return call
    const errors = this.#judge?.violations(route.asks, call.body) ?? []
    if (errors.length > 0) throw new ProblemReply(422, 'the request body does not match the schema', errors)
    return call
  }

  #examine(schema: string, body: string): void {
    const found = this.#judge?.violations(schema, JSON.parse(body)) ?? []
    this.violations.push(...found.map((violation) => `${schema} ${violation}`))
  }
}

function sendReply(response: ServerResponse, reply: Reply, limits: Readonly<Record<string, string>>): void {
  response.writeHead(reply.status, {
    'x-request-id': `req_${Math.random().toString(36).slice(2, 14)}`,
    ...limits,
    ...(reply.contentType === '' ? {} : { 'content-type': reply.contentType }),
    ...reply.headers,
  })
  response.end(reply.body ?? undefined)
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
