import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Keeps a proxy with a limit on silence (524 after 100 s) waiting for a slow first token. A caller asks for it with
 * `x-guard-keep-alive-seconds`: after that long without an answer the guard sends 200 and an empty line, and again
 * each time. White space before JSON and empty lines between objects mean nothing; in an event stream it is a comment.
 * The price: a later error arrives as `{"error", "status"}` inside a 200, as Ollama's own late errors do.
 */
export class KeepAlive {
  readonly #outgoing: ServerResponse
  readonly #isEventStream: boolean
  #timer: NodeJS.Timeout | undefined

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#outgoing = outgoing
    this.#isEventStream = (incoming.url ?? '').startsWith('/v1/')
    const seconds = Number(incoming.headers['x-guard-keep-alive-seconds'])
    if (seconds > 0) this.#timer = setInterval(() => this.#beat(), Math.max(0.05, seconds) * 1_000)
  }

  /** Ends the beats; true when one was sent, so that status and headers are gone. */
  stop(): boolean {
    clearInterval(this.#timer)
    return this.#outgoing.headersSent
  }

  /** Sends the rest of the answer after the headers have left. */
  finish(reply: IncomingMessage): void {
    const status = reply.statusCode ?? 502
    if (status < 400) {
      reply.pipe(this.#outgoing)
      reply.on('error', () => this.#outgoing.destroy())
      return
    }
    let text = ''
    reply.setEncoding('utf8')
    reply.on('data', (part: string) => {
      text += part
    })
    reply.on('error', () => this.#outgoing.destroy())
    reply.on('end', () => {
      const line = JSON.stringify({ error: errorText(text), status })
      this.#outgoing.end(this.#isEventStream ? `data: ${line}\n\n` : `${line}\n`)
    })
  }

  #beat(): void {
    if (!this.#outgoing.headersSent) {
      const type = this.#isEventStream ? 'text/event-stream' : 'application/x-ndjson'
      this.#outgoing.writeHead(200, { 'content-type': type })
    }
    this.#outgoing.write(this.#isEventStream ? ': waiting\n\n' : '\n')
  }
}

function errorText(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) {
      return typeof parsed.error === 'string' ? parsed.error : JSON.stringify(parsed.error)
    }
  } catch {
    // Not JSON: the text itself is the error.
  }
  return body
}
