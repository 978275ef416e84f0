import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface SeenReply {
  readonly path: string
  readonly body: string
}

export interface RecordingProxy {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  readonly replies: readonly SeenReply[]
  /** Requests that match are answered by a vendor who repeats in its error whatever it was told, key included. */
  echo(pattern: RegExp, status: number, times?: number): void
  stopEchoing(): void
  stop(): Promise<void>
}

/** Stands between the product and a vendor, and writes down what passes. Without a target it answers everything with `{}`. */
export async function startRecordingProxy(target: string | null): Promise<RecordingProxy> {
  const requests: SeenRequest[] = []
  const replies: SeenReply[] = []
  let echoes: { readonly pattern: RegExp; readonly status: number; left: number }[] = []
  const server = createServer((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
    const body = Buffer.concat(chunks)
    const { method = 'GET', url: path = '/', headers } = request
    const seen = { method, path, headers, body: body.toString('utf8') }
    requests.push(seen)
    const echo = echoes.find(({ pattern, left }) => left > 0 && pattern.test(`${method} ${path}`))
    if (echo !== undefined) {
      echo.left -= 1
      return sendEcho(response, echo.status, seen)
    }
    if (target === null) return void response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    pass(new URL(target), seen, body, response)
  }

  function pass(to: URL, seen: SeenRequest, body: Buffer, response: ServerResponse): void {
    const options = { host: to.hostname, port: to.port, path: seen.path, method: seen.method }
    const onward = openRequest({ ...options, headers: { ...seen.headers, host: to.host } }, (reply) => {
      const kept: Buffer[] = []
      reply.on('data', (chunk: Buffer) => kept.push(chunk))
      reply.on('end', () => replies.push({ path: seen.path, body: Buffer.concat(kept).toString('utf8') }))
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(response)
      reply.on('error', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    onward.end(body)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    replies,
    echo(pattern, status, times = Number.POSITIVE_INFINITY) {
      echoes.push({ pattern, status, left: times })
    },
    stopEchoing() {
      echoes = []
    },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Every field in which a vendor may put a sentence says what was sent. */
function sendEcho(response: ServerResponse, status: number, { headers, body, path }: SeenRequest): void {
  const key = String(headers.authorization ?? headers['x-otlp-key'] ?? path)
  const said = `what you sent was ${key} and ${key.replace(/^\w+ /, '')} with ${body}`
  response.writeHead(status, { 'content-type': 'application/json', 'x-said': key, 'x-request-id': 'r1' }).end(
    JSON.stringify({
      message: said.slice(0, 2_000),
      error: said,
      detail: said,
      title: said,
      errors: [said, { message: said }],
    }),
  )
}
