import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'

/** A request as it came in, read whole, so that it can be sent to another when one refuses. */
export interface HeldRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export async function holdRequest(incoming: IncomingMessage): Promise<HeldRequest> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece as Buffer)
  const { method = 'GET', url = '/', headers } = incoming
  return { method, path: url, headers, body: Buffer.concat(pieces) }
}

/** Sends a held request to `target` on a connection of its own; resolves with the head of the answer, rejects when there is none. */
export function passOn(held: HeldRequest, target: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { connection: _connection, 'transfer-encoding': _coding, ...headers } = held.headers
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(new URL(held.path, target), {
      method: held.method,
      headers: { ...headers, 'content-length': String(held.body.length) },
      agent: false,
      signal,
    })
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.end(held.body)
  })
}

/** Hands an answer through as it comes; one that breaks off breaks off for the client too. */
export function handThrough(answer: IncomingMessage, response: ServerResponse): void {
  const { connection: _connection, 'keep-alive': _keepAlive, ...headers } = answer.headers
  response.writeHead(answer.statusCode ?? 502, headers)
  answer.once('error', () => response.destroy())
  answer.pipe(response)
}
