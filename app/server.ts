import { randomUUID } from 'node:crypto'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { CodedError } from '../ports/errors.ts'

export class ServerError extends CodedError<'port-in-use' | 'cannot-listen'> {}

export const WEBHOOK_PATH = '/api/github/webhooks'

/** Puts the rooms of the server, each a handler of its own, under one address; they meet only here. */
export function createServer(rooms: readonly Hono<never>[]): Hono {
  const app = new Hono<{ Variables: { requestId: string } }>()
  app.use(async (context, next) => {
    const requestId = randomUUID()
    context.set('requestId', requestId)
    await next()
    context.header('x-request-id', requestId)
    context.header('x-content-type-options', 'nosniff')
    context.header('referrer-policy', 'same-origin')
  })
  app.get('/', (context) => context.redirect('/dashboard'))
  for (const room of rooms) app.route('/', room as unknown as Hono)
  app.notFound((context) =>
    context.json(
      {
        type: 'about:blank',
        title: 'Not found',
        status: 404,
        detail: 'There is nothing at this address.',
        code: 'not-found',
        remedy: '/docs lists what there is.',
        requestId: context.get('requestId'),
      },
      404,
      { 'content-type': 'application/problem+json' },
    ),
  )
  return app as unknown as Hono
}

export interface Listening {
  readonly url: string
  readonly port: number
  /** Takes no new connections, lets running answers end for `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>
}

/** A client that is slow to say what it wants is cut off; one that waits for a model is not. */
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 120_000

export interface Place {
  readonly host: string
  readonly port: number
  /** Takes what GitHub delivers; absent for a server without GitHub. */
  readonly webhook?: RequestListener | undefined
  readonly headersTimeoutMs?: number
}

export async function listen(app: Hono, place: Place): Promise<Listening> {
  const headersTimeout = place.headersTimeoutMs ?? HEADERS_TIMEOUT_MS
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const serverOptions = {
    headersTimeout,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node looks for slow clients only this often.
    connectionsCheckingInterval: Math.ceil(headersTimeout / 3),
  }
  const { webhook } = place
  const others = getRequestListener(app.fetch)
  const server = createHttpServer(serverOptions, (incoming, outgoing) => {
    if (webhook !== undefined && incoming.method === 'POST' && pathOf(incoming.url ?? '') === WEBHOOK_PATH)
      webhook(incoming, outgoing)
    else void others(incoming, outgoing)
  })
  server.once('error', (error: NodeJS.ErrnoException) => reject(refusalOf(error, place)))
  server.listen(place.port, place.host, () => resolve((server.address() as AddressInfo).port))
  const port = await promise
  const host = place.host.includes(':') ? `[${place.host}]` : place.host
  return {
    url: `http://${host}:${port}`,
    port,
    async close(graceMs) {
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(cut)
    },
  }
}

function pathOf(target: string): string | undefined {
  return target.startsWith('/') ? target.split('?', 1)[0] : URL.parse(target)?.pathname
}

function refusalOf(error: NodeJS.ErrnoException, place: { readonly host: string; readonly port: number }): ServerError {
  if (error.code === 'EADDRINUSE') {
    return new ServerError({
      code: 'port-in-use',
      owner: 'user',
      message: `Port ${place.port} on ${place.host} is taken by another program.`,
      remedy: 'Set PORT to a free one, or end the other program.',
      cause: error,
    })
  }
  return new ServerError({
    code: 'cannot-listen',
    owner: 'operator',
    message: `The server could not listen on ${place.host}:${place.port} (${error.code ?? error.message}).`,
    remedy: 'Set HOST and PORT to an address of this machine that you may use.',
    cause: error,
  })
}
