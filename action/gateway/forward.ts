import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { httpFetch } from '../../parts/http.ts'
import type { EngineAddress } from '../../ports/model.ts'
import { readBody } from './read-body.ts'

/** Passes one request on to the engine and its answer back, piece by piece. A client that leaves ends the call. */
export async function forward(
  address: EngineAddress,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const body = request.method === 'POST' ? await readBody(request) : undefined
  const answer = await httpFetch(`${address.url}${path}`, {
    method: request.method ?? 'GET',
    headers: {
      ...(body === undefined ? {} : { 'content-type': request.headers['content-type'] ?? 'application/json' }),
      ...(address.token === null ? {} : { authorization: `Bearer ${address.token}` }),
    },
    ...(body === undefined ? {} : { body }),
    redirect: 'error',
    signal: AbortSignal.any([signal, gone.signal]),
  })
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
  if (answer.body === null) response.end()
  else await pipeline(Readable.fromWeb(answer.body), response)
}
