import { connect } from 'node:net'

const QUIET_MS = 150
const LIMIT_MS = 5_000

/** Sends bytes as they are and answers with what came back: until the other side closes, or has nothing more to say. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    let quiet: NodeJS.Timeout | undefined
    const end = () => {
      clearTimeout(quiet)
      clearTimeout(limit)
      socket.destroy()
      resolve(received)
    }
    const limit = setTimeout(end, LIMIT_MS)
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? end() : reject(error)))
    socket.on('close', end)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      clearTimeout(quiet)
      quiet = setTimeout(end, QUIET_MS)
    })
    socket.write(Buffer.from(text, 'latin1'))
  })
}

/** The status of each answer in a connection's bytes. */
export function statusesOf(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status))
}
