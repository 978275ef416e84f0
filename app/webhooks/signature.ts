import { createHmac, timingSafeEqual } from 'node:crypto'

/** Compares GitHub's `sha256=<hex>` with the body's own, in constant time. */
export function hasValidSignature(secret: string, body: Uint8Array, signature: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
