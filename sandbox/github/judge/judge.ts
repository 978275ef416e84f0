import { ApiError } from '../api-error.ts'
import { at, isObject } from '../contracts/json.ts'
import type { ApiRequest, Judge } from '../rest/answer.ts'
import type { Match } from '../rest/match-route.ts'
import type { Reply } from '../rest/route.ts'
import type { Violation, World } from '../world.ts'
import { Contract } from './schemas.ts'
import { unknownProperty } from './unknown-property.ts'

/** Judges both directions by GitHub's own documents, recording and (when strict) refusing what departs from them. */
export function createJudge(
  world: World,
  options: { strict: boolean },
): Judge & { webhook: (name: string, payload: unknown) => void } {
  const rest = new Contract('rest.json')
  let webhooks: Contract | undefined
  const record = (violation: Violation): void => {
    world.violations.push(violation)
    if (!options.strict || violation.direction === 'webhook') return
    throw new ApiError(500, `${violation.direction} departs from GitHub's document: ${violation.message}`)
  }
  return {
    request(match, request, body) {
      const message = judgeRequest(rest, { match, request, body })
      if (message !== undefined) record({ subject: subjectOf(request), direction: 'request', message })
    },
    unknown(request) {
      world.violations.push({
        subject: subjectOf(request),
        direction: 'request',
        message: 'no such operation is emulated',
      })
    },
    response(match, request, reply) {
      const message = judgeReply(rest, match, reply)
      if (message !== undefined) record({ subject: subjectOf(request), direction: 'response', message })
    },
    webhook(name, payload) {
      webhooks ??= new Contract('webhooks.json')
      const schema = at(webhooks.document, 'webhooks', name)
      const message = schema === undefined ? 'GitHub has no such webhook' : webhooks.check(name, schema, payload)
      if (message !== undefined) record({ subject: name, direction: 'webhook', message })
    },
  }
}

function subjectOf(request: ApiRequest): string {
  return `${request.method} ${request.url.pathname}`
}

function judgeRequest(
  contract: Contract,
  what: { match: Match; request: ApiRequest; body: unknown },
): string | undefined {
  const { match, request, body } = what
  const { name } = match.route
  const query = at(contract.document, 'operations', name, 'query')
  for (const [key, value] of request.url.searchParams) {
    const schema = at(query, key)
    if (schema === undefined) return `query ${key} is unknown`
    const message = contract.check(`${name} ?${key}`, schema, readQuery(contract.deref(schema), value))
    if (message !== undefined) return `query ${key}${message}`
  }
  const schema = at(contract.document, 'operations', name, 'body')
  if (schema === undefined) return isEmpty(body) ? undefined : 'a body is not expected'
  if (body === undefined)
    return at(contract.document, 'operations', name, 'bodyRequired') === true ? 'a body is missing' : undefined
  const unknown = unknownProperty(contract, schema, body)
  if (unknown !== undefined) return `body${unknown} is unknown`
  const message = contract.check(`${name} body`, schema, body)
  return message === undefined ? undefined : `body${message}`
}

// Clients send `{}` with requests that need no body.
function isEmpty(body: unknown): boolean {
  return body === undefined || (isObject(body) && Object.keys(body).length === 0)
}

function readQuery(schema: unknown, value: string): unknown {
  const type = at(schema, 'type')
  if ((type === 'integer' || type === 'number') && /^-?\d+$/.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

function judgeReply(contract: Contract, match: Match, reply: Reply): string | undefined {
  const { name } = match.route
  const { status, body, text } = reply
  // Any operation may fail in these ways; the document lists them for few.
  if (status >= 500 || status === 401 || status === 403 || status === 429 || status === 304) return undefined
  const responses = at(contract.document, 'operations', name, 'responses')
  const schema = at(responses, String(status))
  if (schema === undefined) return status >= 400 ? undefined : `status ${status} is not in the document`
  if (text !== undefined || schema === null) return undefined
  const message = contract.check(`${name} ${status}`, schema, plain(body))
  return message === undefined ? undefined : `body${message}`
}

// What the other side will read: no undefined, no classes.
function plain(body: unknown): unknown {
  return body === undefined ? undefined : JSON.parse(JSON.stringify(body))
}
