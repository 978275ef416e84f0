import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A database server that asks for the password in clear and repeats it in its refusal. */
export async function startEchoingPostgres(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server = createServer((socket) => {
    let isAsked = false
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      // The wish for TLS comes first, if at all.
      if (bytes.length === 8) return void socket.write('N')
      if (!isAsked) {
        isAsked = true
        return void socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]))
      }
      const password = bytes.subarray(5, -1).toString('utf8')
      const fields = `SFATAL\0VFATAL\0C28P01\0Mno entry for the password ${password}\0\0`
      const head = Buffer.alloc(5)
      head.write('E')
      head.writeInt32BE(4 + fields.length, 1)
      socket.end(Buffer.concat([head, Buffer.from(fields)]))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
