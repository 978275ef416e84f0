import type { IncomingMessage } from 'node:http'

const MAX_BYTES = 32 * 1024 * 1024

/** The whole body; throws when it is larger than any prompt. */
export async function readBody(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MAX_BYTES) throw new RangeError(`The body is larger than ${MAX_BYTES} bytes.`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
