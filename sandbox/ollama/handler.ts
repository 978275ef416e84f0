import type { IncomingMessage, ServerResponse } from 'node:http'
import { embed, loaded, pull, remove, show, tags } from './library.ts'
import { chat, complete, type Exchange } from './native.ts'
import { chatCompletions, embeddings, models, openaiError } from './openai.ts'
import { Refusal } from './refusal.ts'
import { sendJson, sendText } from './reply.ts'
import type { ServerState } from './server-state.ts'
import { standInLabel } from './stand-in/answer.ts'

/** What `/api/version` says; the build tag tells the stand-in from the real thing. */
export const sandboxVersion = '0.34.0+sandbox-stand-in'

/** Calls that are kept, prompts and all. */
const mostCalls = 1_000

type Route = (state: ServerState, exchange: Exchange) => unknown

const routes: Readonly<Record<string, Route>> = {
  'POST /api/chat': chat,
  'POST /api/generate': complete,
  'POST /api/embed': async (state, exchange) => sendJson(exchange.response, 200, await embed(state, exchange)),
  'POST /api/show': show,
  'POST /api/pull': pull,
  'DELETE /api/delete': remove,
  'GET /api/tags': (state, exchange) => sendJson(exchange.response, 200, tags(state)),
  'GET /api/ps': (state, exchange) => sendJson(exchange.response, 200, loaded(state)),
  'GET /api/version': (_state, exchange) =>
    sendJson(exchange.response, 200, { version: sandboxVersion, sandbox: standInLabel }),
  'GET /': (_state, exchange) => sendText(exchange.response, 200, 'text/plain; charset=utf-8', 'Ollama is running'),
  'POST /v1/chat/completions': chatCompletions,
  'POST /v1/embeddings': embeddings,
  'GET /v1/models': (state, exchange) => sendJson(exchange.response, 200, models(state)),
}

/** Answers one request of the emulated Ollama. Never rejects. */
export async function answerRequest(
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const leaving = new AbortController()
  const call = {
    method: request.method ?? 'GET',
    path,
    headers: request.headers,
    body: undefined as unknown,
    aborted: false,
  }
  state.calls.push(call)
  if (state.calls.length > mostCalls) state.calls.shift()
  response.on('close', () => {
    if (response.writableFinished) return
    call.aborted = true
    leaving.abort(new Refusal(499, 'request canceled'))
  })
  try {
    if (state.options.checkHost !== false && !isLocalHost(request.headers.host ?? '')) {
      response.writeHead(403).end()
      return
    }
    const body = await readBody(request)
    call.body = parsedOrText(body)
    state.judge?.judgeRequest(path, call.body)
    state.judge?.watchReply(path, response)
    const fault = state.faults.take(path)
    if (fault !== undefined && strikesEarly(fault.fault, response)) return
    const method = call.method === 'HEAD' ? 'GET' : call.method
    const route = routes[`${method} ${path}`]
    if (route === undefined) return sendText(response, 404, 'text/plain', '404 page not found')
    await route(state, { body, response, signal: leaving.signal, fault })
  } catch (problem) {
    reportProblem(path, response, problem)
  }
}

function reportProblem(path: string, response: ServerResponse, problem: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const status = problem instanceof Refusal ? problem.status : 500
  const message = problem instanceof Error ? problem.message : String(problem)
  sendJson(response, status, path.startsWith('/v1/') ? openaiError(status, message) : { error: message })
}

/** Faults that come instead of an answer. */
function strikesEarly(fault: string, response: ServerResponse): boolean {
  switch (fault) {
    case 'dies-before-answer':
      response.destroy()
      return true
    case 'crash':
      sendJson(response, 500, {
        error: 'model runner has unexpectedly stopped, this may be due to resource limitations',
      })
      return true
    case 'busy':
      sendJson(response, 503, { error: 'server busy, please try again.  maximum pending requests exceeded' })
      return true
    case 'too-long':
      sendJson(response, 400, {
        error: 'the prompt is longer than the context length currently available to the model',
      })
      return true
    case 'html-502':
    case 'html-524':
      sendText(
        response,
        Number(fault.slice(5)),
        'text/html',
        `<html><head><title>${fault.slice(5)}</title></head></html>`,
      )
      return true
    case 'forbidden':
      response.writeHead(403).end()
      return true
    default:
      return false
  }
}

/** A loopback server answers only names that are its own. */
function isLocalHost(header: string): boolean {
  const host = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase()
  if (host === '' || host === 'localhost' || host === '::1') return true
  if (/\.(?:local|internal|localhost)$/.test(host)) return true
  return /^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(host)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function parsedOrText(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
