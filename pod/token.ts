import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether the header carries the token, compared in constant time whatever its length. */
export function isAuthorized(header: string | undefined, token: string | null): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? ''
  const isSame = timingSafeEqual(digest(given), digest(token ?? ''))
  return isSame && token !== null && token !== ''
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
