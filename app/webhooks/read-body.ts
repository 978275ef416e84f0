import type { Readable } from 'node:stream'

/** Reads a body up to `maxBytes`; null, and the rest is left unread, when it is longer. Rejects when the sender goes away. */
export function readBody(body: Readable, maxBytes: number): Promise<Buffer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>()
  const chunks: Buffer[] = []
  let length = 0
  const take = (chunk: Buffer) => {
    length += chunk.byteLength
    if (length <= maxBytes) {
      chunks.push(chunk)
      return
    }
    body.off('data', take).pause()
    resolve(null)
  }
  body.on('data', take)
  // Nearly every webhook is one chunk, which then need not be copied.
  body.once('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)))
  body.once('error', reject)
  body.once('close', () => reject(new Error('the sender went away before the body was whole')))
  return promise
}
