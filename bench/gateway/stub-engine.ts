import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// An engine that costs nothing: `node bench/gateway/stub-engine.ts` prints its address. /api/version at once, /api/chat as `CHUNKS` lines,
// each `GAP_MS` after the other, so that what is added on the way can be seen.
const CHUNKS = 20
const GAP_MS = 5

const server = createServer((request, response) => {
  if (request.url === '/api/version') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"version":"0.0.0"}')
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString()
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    if (text.includes('"content":"slow"')) say(0)
    else response.end(line('hello', true))

    function say(index: number): void {
      response.write(line(String(performance.timeOrigin + performance.now()), index === CHUNKS))
      if (index === CHUNKS) response.end()
      else setTimeout(say, GAP_MS, index + 1)
    }
  })
})

function line(content: string, done: boolean): string {
  const end = done ? { done_reason: 'stop', prompt_eval_count: 1, eval_count: 1 } : {}
  return `${JSON.stringify({ model: 'stub', message: { role: 'assistant', content }, done, ...end })}\n`
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
