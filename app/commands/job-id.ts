import { createHash } from 'node:crypto'
import { type JobId, jobId } from '../../ports/ids.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The same wish at the same moment gives the same id, so that a delivery that is handled twice makes one job. */
export function jobIdOf(wish: string, atMs: number): JobId {
  const digest = createHash('sha256').update(wish).digest()
  const tail = Array.from({ length: 16 }, (_, index) => ALPHABET[(digest[index] ?? 0) % 32]).join('')
  return jobId.parse(encodeTime(atMs) + tail)
}

function encodeTime(atMs: number): string {
  let rest = Math.max(0, Math.floor(atMs))
  let text = ''
  for (let place = 0; place < 10; place++) {
    text = (ALPHABET[rest % 32] ?? '0') + text
    rest = Math.floor(rest / 32)
  }
  return text
}
