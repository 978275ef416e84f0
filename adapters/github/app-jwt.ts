import { createSign } from 'node:crypto'

/** GitHub takes at most ten minutes. */
const LIFETIME_SECONDS = 540
/** Clocks differ: a token from the future is refused. */
const BACKDATE_SECONDS = 60

/** The App's own token, signed with its private key (RS256). */
export function signAppJwt(appId: string | number, privateKey: string, nowMs: number): string {
  const now = Math.floor(nowMs / 1000)
  const claims = { iat: now - BACKDATE_SECONDS, exp: now + LIFETIME_SECONDS - BACKDATE_SECONDS, iss: String(appId) }
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(privateKey, 'base64url')}`
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
