import { createHmac, timingSafeEqual } from 'node:crypto'

/** `payload.signature`, both base64url; the purpose keeps a value signed for one use from being good for another. */
export function sign(secret: string, purpose: string, payload: string): string {
  const body = Buffer.from(payload).toString('base64url')
  return `${body}.${signatureOf(secret, purpose, body)}`
}

/** The payload when the signature is ours, compared in constant time. */
export function verifySigned(secret: string, purpose: string, text: string): string | undefined {
  const [body = '', signature = '', ...rest] = text.split('.')
  if (rest.length > 0 || body === '') return undefined
  const expected = Buffer.from(signatureOf(secret, purpose, body))
  const given = Buffer.from(signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined
  return Buffer.from(body, 'base64url').toString('utf8')
}

function signatureOf(secret: string, purpose: string, body: string): string {
  return createHmac('sha256', secret).update(`${purpose}\n${body}`).digest('base64url')
}
