import type { ServerResponse } from 'node:http'

/** Writes lines with chunk borders where the settings want them. Status and headers leave with the first line. */
export class LineWriter {
  readonly #response: ServerResponse
  readonly #chunks: 'lines' | 'bytes' | 'joined'
  readonly #contentType: string
  #held = ''
  #lines = 0

  constructor(response: ServerResponse, contentType: string, chunks: 'lines' | 'bytes' | 'joined' = 'lines') {
    this.#response = response
    this.#contentType = contentType
    this.#chunks = chunks
  }

  async write(text: string): Promise<void> {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': this.#contentType })
    this.#held += text
    this.#lines += 1
    if (this.#chunks === 'joined' && this.#lines % 3 !== 0) return
    await this.#flush()
  }

  async end(): Promise<void> {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': this.#contentType })
    await this.#flush()
    this.#response.end()
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#held)
    this.#held = ''
    if (this.#chunks !== 'bytes') return this.#send(bytes)
    // Seven bytes at a time splits lines, objects and characters alike.
    for (let at = 0; at < bytes.length; at += 7) {
      await this.#send(bytes.subarray(at, at + 7))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async #send(bytes: Buffer): Promise<void> {
    if (bytes.length === 0 || this.#response.destroyed) return
    if (this.#response.write(bytes)) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done)
        this.#response.off('close', done)
        resolve()
      }
      this.#response.on('drain', done)
      this.#response.on('close', done)
    })
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}

export function sendText(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType })
  response.end(body)
}
