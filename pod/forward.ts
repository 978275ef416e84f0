import { type IncomingHttpHeaders, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'
import { KeepAlive } from './keep-alive.ts'

const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

// Ollama needs none of these, and answers 403 to a browser's origin.
const notPassedOn = ['authorization', 'cookie', 'origin', 'referer', 'host', 'expect', 'x-guard-keep-alive-seconds']

export interface Forwarding {
  readonly ollamaUrl: string
  readonly path: string
  readonly maxBodyBytes: number
}

/** Passes one request on to Ollama and its answer back, unbuffered; resolves when both sides are done. */
export function forward(incoming: IncomingMessage, outgoing: ServerResponse, how: Forwarding): Promise<void> {
  const query = /\?.*$/.exec(incoming.url ?? '')?.[0] ?? ''
  const target = new URL(`${how.path}${query}`, how.ollamaUrl)
  const headers = { ...withoutHops(incoming.headers, notPassedOn), host: target.host }
  return new Promise((resolve) => {
    outgoing.on('close', resolve)
    const onward = openRequest(target, { method: incoming.method, headers })
    const keepAlive = new KeepAlive(incoming, outgoing)
    onward.setNoDelay(true)
    onward.on('response', (reply) => {
      if (keepAlive.stop()) return keepAlive.finish(reply)
      outgoing.writeHead(reply.statusCode ?? 502, withoutHops(reply.headers, []))
      outgoing.flushHeaders()
      reply.pipe(outgoing)
      reply.on('error', () => outgoing.destroy())
    })
    onward.on('error', () => {
      if (!keepAlive.stop() && !outgoing.headersSent) sendError(outgoing, 502, 'Ollama does not answer in this pod.')
      else outgoing.destroy()
    })
    // A client that leaves takes its generation with it.
    outgoing.on('close', () => {
      keepAlive.stop()
      onward.destroy()
    })
    limitBody(incoming, how.maxBodyBytes, () => {
      onward.destroy()
      if (!outgoing.headersSent) sendError(outgoing, 413, `The body is larger than ${how.maxBodyBytes} bytes.`)
    })
    incoming.pipe(onward)
  })
}

/** Native shape of an error, so that an Ollama client reads it. */
export function sendError(response: ServerResponse, status: number, message: string): void {
  const isRejected = status === 401 || status === 413
  response.writeHead(status, {
    'content-type': 'application/json',
    // What is left of the body is not worth reading.
    ...(isRejected ? { connection: 'close' } : {}),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  })
  response.end(JSON.stringify({ error: message }))
}

function limitBody(incoming: IncomingMessage, maxBytes: number, onTooLarge: () => void): void {
  let bytes = 0
  incoming.on('data', (part: Buffer) => {
    const before = bytes
    bytes += part.length
    if (bytes > maxBytes && before <= maxBytes) {
      incoming.unpipe()
      onTooLarge()
    }
  })
}

function withoutHops(headers: IncomingHttpHeaders, also: readonly string[]): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const dropped = new Set([...hopByHop, ...also, ...named])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}
