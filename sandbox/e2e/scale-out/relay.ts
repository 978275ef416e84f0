import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { handThrough, holdRequest, passOn } from './pass-on.ts'

/** One call of a replica to a vendor. */
export interface RelayedCall {
  readonly method: string
  readonly path: string
  readonly at: number
  endedAt: number | null
}

export interface Relay {
  readonly url: string
  readonly calls: readonly RelayedCall[]
  stop(): Promise<void>
}

export interface RelayOptions {
  /** Called when a vendor has done what was asked, before the replica hears of it. */
  readonly onDone?: (call: RelayedCall) => void
  /** What is sent on instead of a body. */
  readonly change?: (body: string) => string
}

/** Stands between one replica and a vendor, so that each call is known to be this replica's. */
export async function startRelay(target: string, options: RelayOptions = {}): Promise<Relay> {
  const calls: RelayedCall[] = []
  const server = createServer(async (incoming, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      const held = await holdRequest(incoming)
      const call: RelayedCall = { method: held.method, path: held.path, at: Date.now(), endedAt: null }
      calls.push(call)
      response.once('close', () => {
        call.endedAt = Date.now()
      })
      const body = options.change === undefined ? held.body : Buffer.from(options.change(held.body.toString()))
      const answer = await passOn({ ...held, body }, target, gone.signal)
      options.onDone?.(call)
      handThrough(answer, response)
    } catch {
      response.destroy()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
