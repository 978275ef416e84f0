import { createServer, type IncomingMessage, request as openRequest, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Held {
  /** Lets it go on, also when whoever sent it is no more; resolves when the other side has answered. */
  pass(): Promise<void>
  /** It never arrives. */
  drop(): void
}

/** `request`: before the other side knows of it; `reply`: when it has acted, and the caller does not know. */
export interface HoldOrder {
  readonly side: 'request' | 'reply'
  /** Method and path, as in `POST /v2/pods`. */
  readonly call: RegExp
  /** Only after a call of this kind has been seen. */
  readonly after?: RegExp
}

interface Waiting extends HoldOrder {
  readonly caught: (held: Held) => void
}

/** Stands before a server, so that a test can stop one call on its way there or back, and decide later what becomes of it. */
export class Gate {
  readonly #target: URL
  readonly #server: Server
  readonly #seen: string[] = ['']
  #waiting: Waiting[] = []

  private constructor(target: string) {
    this.#target = new URL(target)
    this.#server = createServer((incoming, outgoing) => void this.#answer(incoming, outgoing))
  }

  static async start(target: string): Promise<Gate> {
    const gate = new Gate(target)
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve))
    return gate
  }

  /** The same address by way of this gate. */
  through(url: string): string {
    const { port } = this.#server.address() as AddressInfo
    return url.replace(this.#target.host, `127.0.0.1:${port}`)
  }

  /** The next call of that kind. */
  hold(order: HoldOrder): Promise<Held> {
    return new Promise((caught) => this.#waiting.push({ ...order, caught }))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    const answered = Promise.withResolvers<void>()
    try {
      for await (const part of incoming) parts.push(part)
      const call = `${incoming.method} ${incoming.url}`
      const isLet = await this.#passes('request', call, answered.promise)
      this.#seen.push(call)
      if (!isLet) return void outgoing.destroy()
      const reply = await this.#forward(incoming, Buffer.concat(parts))
      answered.resolve()
      if (!(await this.#passes('reply', call, answered.promise))) return void outgoing.destroy()
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(outgoing)
    } catch {
      // Either side has gone; so does the other.
      outgoing.destroy()
    } finally {
      answered.resolve()
    }
  }

  /** Resolves at once, or when whoever holds it has decided. */
  #passes(side: HoldOrder['side'], call: string, answered: Promise<void>): Promise<boolean> {
    const index = this.#waiting.findIndex(
      (other) =>
        other.side === side &&
        other.call.test(call) &&
        this.#seen.some((earlier) => other.after?.test(earlier) ?? true),
    )
    const [waiting] = index < 0 ? [] : this.#waiting.splice(index, 1)
    if (waiting === undefined) return Promise.resolve(true)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const pass = () => {
      resolve(true)
      return answered
    }
    waiting.caught({ pass, drop: () => resolve(false) })
    return promise
  }

  #forward(incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { hostname, port, host } = this.#target
    const { method, url, headers } = incoming
    return new Promise((resolve, reject) => {
      const sent = openRequest({ hostname, port, method, path: url, headers: { ...headers, host } }, resolve)
      sent.once('error', reject)
      sent.end(body)
    })
  }
}
