import { connect } from 'node:net'

/** Sends bytes as they are, which `fetch` would tidy up first, and answers everything that comes back until the other side hangs up. */
export async function rawRequest(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk
  })
  // A server may hang up on what it refuses before all of it has been sent.
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(text)
  await closed
  return answer
}
