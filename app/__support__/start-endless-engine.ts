import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An engine with one model that starts every answer and ends none, and knows who is still there and what was asked of it. */
export async function startEndlessEngine(model: string) {
  const paths: string[] = []
  let open = 0
  const entry = { name: model, model, digest: 'a'.repeat(64), size: 1, modified_at: new Date(0).toISOString() }
  const server = createServer((request, response) => {
    if (request.url === '/api/tags') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ models: [entry] }))
      return
    }
    paths.push(request.url ?? '')
    open += 1
    response.on('close', () => open--)
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write('{"message":{"content":"a"},"done":false}\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => open,
    paths,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
