import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands before the webhook of the server, and can be shut. */
export interface Door {
  readonly url: string
  shut(): void
  open(): void
  stop(): Promise<void>
}

/**
 * `honest`: while it is shut nobody answers. `lying`: a product made worse on purpose, which says "stored" before anything is, so that
 * what fails behind it is lost and nobody asks for it again.
 */
export async function startDoor(target: string, kind: 'honest' | 'lying'): Promise<Door> {
  let isShut = false
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (kind === 'lying') response.writeHead(202).end('{}')
    if (isShut) return void response.destroy()
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name.startsWith('x-') || name === 'content-type'),
    ) as Record<string, string>
    const reply = await fetch(target, { method: 'POST', headers, body: Buffer.concat(chunks) }).catch(() => undefined)
    if (kind === 'lying') return
    if (reply === undefined) return void response.destroy()
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(await reply.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    shut() {
      isShut = true
    },
    open() {
      isShut = false
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
