import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { forward, sendError } from './forward.ts'
import { routeOf } from './route.ts'
import type { GuardSettings } from './settings.ts'
import type { GuardState } from './state.ts'
import { isAuthorized } from './token.ts'

export interface GuardServerParts {
  readonly settings: GuardSettings
  readonly state: GuardState
  readonly now: () => number
  /** Asks for another model, or the same with other load options. */
  readonly prepare: (model: string, options: Readonly<Record<string, unknown>>) => void
}

const orderBytes = 64 * 1024

/** The guard's door. Strangers get 401 on every path, before anything else is said. */
export function createGuardServer(parts: GuardServerParts): Server {
  const server = createServer({ maxHeaderSize: 16_384 }, (request, response) => void answer(parts, request, response))
  server.on('checkContinue', (request, response) => {
    if (isAuthorized(request.headers.authorization, parts.settings.token)) response.writeContinue()
    void answer(parts, request, response)
  })
  const refuseSocket = (request: IncomingMessage, socket: Socket): void => {
    const isKnown = isAuthorized(request.headers.authorization, parts.settings.token)
    socket.end(`HTTP/1.1 ${isKnown ? '405 Method Not Allowed' : '401 Unauthorized'}\r\nconnection: close\r\n\r\n`)
  }
  server.on('upgrade', refuseSocket)
  server.on('connect', refuseSocket)
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
  })
  server.headersTimeout = 20_000
  // Between requests a proxy keeps its connection; a shorter limit here would race with its next request.
  server.keepAliveTimeout = 120_000
  return server
}

async function answer(parts: GuardServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { settings, state, now } = parts
  if (!isAuthorized(request.headers.authorization, settings.token)) {
    return sendError(response, 401, 'This pod answers to its token only.')
  }
  const route = routeOf(request.method ?? 'GET', request.url ?? '')
  switch (route.kind) {
    case 'refuse':
      return sendError(response, route.status, route.message)
    case 'status':
      return sendState(response, state)
    case 'heartbeat':
      state.lastHeartbeatAt = now()
      return sendState(response, state)
    case 'model':
      return orderModel(parts, request, response)
    case 'forward':
      if (state.phase === 'ending') return sendError(response, 503, 'This pod is ending and takes no new work.')
      if (Number(request.headers['content-length'] ?? 0) > settings.maxBodyBytes) {
        return sendError(response, 413, `The body is larger than ${settings.maxBodyBytes} bytes.`)
      }
      return forwardCounted(parts, request, response, route)
  }
}

async function forwardCounted(
  { settings, state, now }: GuardServerParts,
  request: IncomingMessage,
  response: ServerResponse,
  route: { readonly path: string; readonly isUse: boolean },
): Promise<void> {
  const { ollamaUrl, maxBodyBytes } = settings
  if (!route.isUse) return forward(request, response, { ollamaUrl, path: route.path, maxBodyBytes })
  state.inFlight += 1
  state.lastUseAt = now()
  try {
    await forward(request, response, { ollamaUrl, path: route.path, maxBodyBytes })
  } finally {
    state.inFlight -= 1
    state.lastUseAt = now()
  }
}

async function orderModel(parts: GuardServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = ''
  try {
    for await (const part of request) {
      text += String(part)
      if (text.length > orderBytes) return sendError(response, 413, 'The order is larger than 64 KiB.')
    }
  } catch {
    return void response.destroy()
  }
  const order = readOrder(text)
  if (order === undefined) {
    return sendError(response, 400, 'The body must be JSON: {"model": "tag", "options": {...}}.')
  }
  parts.prepare(order.model, order.options ?? parts.settings.loadOptions)
  sendState(response, parts.state, 202)
}

function readOrder(
  text: string,
): { readonly model: string; readonly options: Readonly<Record<string, unknown>> | undefined } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('model' in value)) return undefined
    if (typeof value.model !== 'string' || value.model === '') return undefined
    const options = 'options' in value && typeof value.options === 'object' ? value.options : null
    return { model: value.model, options: options === null ? undefined : { ...options } }
  } catch {
    return undefined
  }
}

function sendState(response: ServerResponse, state: GuardState, status = 200): void {
  const { settledAt: _settledAt, ...shown } = state
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(shown))
}
