import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HeldRequest, handThrough, holdRequest, passOn } from './pass-on.ts'

/** What goes wrong between GitHub and a replica: the request never arrives, or its answer never comes back. */
export type Loss = 'request' | 'reply'

export interface BalancerOptions {
  /** Addresses of the replicas, asked for at every request; null while one has none. */
  readonly targets: () => readonly (string | null)[]
  /** Asked for every request. */
  readonly loses?: (request: HeldRequest) => Loss | undefined
  /** The broken variant: every request is sent to two replicas. */
  readonly replays?: boolean
}

export interface Balancer {
  readonly url: string
  /** Requests answered by each replica. */
  readonly served: readonly number[]
  stop(): Promise<void>
}

/** Round robin over replicas. Tries the next one only where a connection was refused: what may have arrived is never sent again. */
export async function startBalancer(options: BalancerOptions): Promise<Balancer> {
  const served: number[] = []
  let turn = 0

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const held = await holdRequest(incoming)
    const loss = options.loses?.(held)
    if (loss === 'request') return refuse(response, 502)
    const reply = await firstToAccept(held, gone.signal)
    if (reply === undefined) return refuse(response, 503)
    if (options.replays) await firstToAccept(held, gone.signal).then((second) => second?.resume())
    if (loss !== 'reply') return handThrough(reply, response)
    reply.resume()
    refuse(response, 502)
  }

  async function firstToAccept(held: HeldRequest, signal: AbortSignal): Promise<IncomingMessage | undefined> {
    const targets = options.targets()
    for (let tried = 0; tried < targets.length; tried++) {
      const index = turn++ % targets.length
      const target = targets[index]
      if (target == null) continue
      try {
        const reply = await passOn(held, target, signal)
        served[index] = (served[index] ?? 0) + 1
        return reply
      } catch (error) {
        if (!isRefused(error)) throw error
      }
    }
    return undefined
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => refuse(response, 502))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}

function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(status).end()
}
