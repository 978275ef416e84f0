import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  readonly url: string
  readonly port: number
  readonly seen: readonly {
    readonly path: string
    readonly headers: IncomingMessage['headers']
    readonly body: string
  }[]
  stop(): Promise<void>
}

/** A server on this machine that keeps what it was asked. */
export async function listenWith(answer: RequestListener): Promise<Listening> {
  const seen: { path: string; headers: IncomingMessage['headers']; body: string }[] = []
  const server: Server = createServer((request, response) => {
    const entry = { path: request.url ?? '', headers: request.headers, body: '' }
    seen.push(entry)
    request.on('data', (chunk: Buffer) => {
      entry.body += chunk.toString('latin1')
    })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Stands for the metadata service of a cloud, or whatever else must not be asked: it only counts. */
export const openTrap = (): Promise<Listening> => listenWith((_, response) => response.end('{}'))
