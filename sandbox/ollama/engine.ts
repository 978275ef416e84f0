import { type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'

/** True when a real Ollama answers at the URL within the time. */
export async function probeOllama(url: string, timeoutMs = 500): Promise<boolean> {
  try {
    const reply = await fetch(new URL('/api/version', url), { signal: AbortSignal.timeout(timeoutMs) })
    const body: unknown = await reply.json()
    const version = typeof body === 'object' && body !== null && 'version' in body ? String(body.version) : ''
    return reply.ok && version !== '' && !version.includes('sandbox')
  } catch {
    return false
  }
}

/** Passes one request on to a real Ollama, unbuffered both ways. */
export function passToEngine(engineUrl: string, request: IncomingMessage, response: ServerResponse): void {
  const target = new URL(request.url ?? '/', engineUrl)
  const onward = openRequest(target, { method: request.method, headers: { ...request.headers, host: target.host } })
  onward.on('response', (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers)
    reply.pipe(response)
    reply.on('error', () => response.destroy())
  })
  onward.on('error', () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(502, { 'content-type': 'application/json' }).end('{"error":"the engine does not answer"}')
  })
  response.on('close', () => onward.destroy())
  request.pipe(onward)
}
