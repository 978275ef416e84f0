/** Shorter values are words: hiding them everywhere would hide the sentence. */
const SHORTEST = 8

/** What somebody said, without the secrets he was told: refusals like to repeat what was sent. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST)
    .reduce((seen, secret) => seen.replaceAll(secret, '[secret]'), text)
}

/** The secret part of an `authorization` header. */
export function secretOf(authorization: string): string {
  return authorization.replace(/^\w+ /, '')
}
