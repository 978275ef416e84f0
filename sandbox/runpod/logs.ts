import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Account } from './account.ts'
import type { LogLine } from './emulated-pod.ts'

const lookEveryMs = 100

/** GET /v2/pods/{id}/logs: the tail, then what comes, as server-sent events, until the client leaves or the pod ends. */
export function streamLogs(
  account: Account,
  id: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const pod = account.pods.get(id)
  if (pod === undefined || pod.status === 'TERMINATED') {
    response.writeHead(404, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ title: 'Not Found', status: 404, detail: `pod ${id} not found` }))
    return
  }
  const source = query.get('source')
  const wanted = (line: LogLine): boolean => source === null || line.source === source
  const tail = Math.min(5_000, Math.max(0, Number(query.get('tail') ?? 100)))
  const resumeAfter = Number(request.headers['last-event-id'] ?? Number.NaN)
  let next = Number.isNaN(resumeAfter) ? Math.max(0, pod.logs.length - tail) : resumeAfter + 1
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  const send = (): void => {
    for (; next < pod.logs.length; next += 1) {
      const line = pod.logs[next]
      if (line !== undefined && wanted(line)) response.write(`id: ${next}\ndata: ${JSON.stringify(line)}\n\n`)
    }
    if (pod.endedAt !== null) response.end()
  }
  send()
  const timer = setInterval(send, lookEveryMs)
  response.on('close', () => clearInterval(timer))
}
