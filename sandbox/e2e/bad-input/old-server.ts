import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A door to a real PostgreSQL that makes it say it is version 13. Answers the port and how to close it. */
export async function pretendOld(url: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { hostname, port } = new URL(url)
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => open.delete(socket))
    }
    client.pipe(upstream)
    upstream.on('data', (chunk) => {
      client.write(Buffer.from(chunk.toString('latin1').replace(/(?:1[5-9]|2\d)(?=\d{4}\D)/, '13'), 'latin1'))
    })
    upstream.on('close', () => client.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const old = new URL(url)
  old.port = String((server.address() as AddressInfo).port)
  return {
    url: old.href,
    stop() {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
