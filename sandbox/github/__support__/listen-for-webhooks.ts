import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { isObject, type JsonObject } from '../contracts/json.ts'

export interface ReceivedWebhook {
  readonly event: string
  /** `pull_request.opened`, or the bare event. */
  readonly name: string
  readonly guid: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly payload: JsonObject
}

/** An App's end of the line: keeps what it gets and answers what it was told to. */
export async function listenForWebhooks(): Promise<{
  url: string
  received: ReceivedWebhook[]
  names: () => string[]
  answerWith: (status: number) => void
  close: () => Promise<void>
}> {
  const received: ReceivedWebhook[] = []
  let status = 200
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const parsed: unknown = JSON.parse(text)
      const payload = isObject(parsed) ? parsed : {}
      const event = String(request.headers['x-github-event'])
      const name = typeof payload.action === 'string' ? `${event}.${payload.action}` : event
      received.push({
        event,
        name,
        guid: String(request.headers['x-github-delivery']),
        headers: request.headers,
        text,
        payload,
      })
      response.writeHead(status).end('heard')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    names: () => received.map(({ name }) => name),
    answerWith: (wanted) => {
      status = wanted
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function signatureOf(secret: string, text: string): string {
  return `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`
}
