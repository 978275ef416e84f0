import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'

type Fetch = Parameters<typeof getRequestListener>[0]

/** Serves on 127.0.0.1; closing ends open connections too. */
export async function listen(fetch: Fetch, port: number): Promise<{ url: string; close: () => Promise<void> }> {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false })
  const server = createServer((request: IncomingMessage, response: ServerResponse) => void listener(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${bound}`, close }
}
