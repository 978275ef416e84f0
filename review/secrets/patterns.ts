/** A secret in a text by its place; its value is never copied out of the text. */
export interface SecretPlace {
  /** For people: `GitHub token`. */
  readonly kind: string
  readonly start: number
  readonly end: number
  /** False where only the look of an assignment gave it away. */
  readonly isCertain: boolean
}

interface Pattern {
  readonly kind: string
  /** Group 1, or the whole match, is the secret. */
  readonly pattern: RegExp
  readonly isCertain?: false
}

/**
 * The head line, perhaps headers, and lines of Base64, also as parts of a string in code; the end line may be cut off. Code that
 * only speaks of the head line has no Base64 behind it.
 */
const privateKey =
  /-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:[\s"'`+,\\]|(?:Proc-Type|DEK-Info|Version|Comment): [^\n]{0,100}\n){0,40}[A-Za-z0-9+/=\\]{32,}(?:[\s"'`+,\\]{1,20}[A-Za-z0-9+/=\\]{20,}){0,200}(?:[\s"'`+,\\]{0,20}[A-Za-z0-9+/=\\]{0,19}[\s"'`+,\\]{0,20}-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----)?/g

/** Known beginnings, each with the length its vendor gives it, so that prose about them does not match. */
const patterns: readonly Pattern[] = [
  { kind: 'private key', pattern: privateKey },
  { kind: 'GitHub token', pattern: /\bgh[pousr]_[A-Za-z0-9]{30,255}/g },
  { kind: 'GitHub token', pattern: /\bgithub_pat_[A-Za-z0-9_]{50,255}/g },
  { kind: 'GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,64}/g },
  { kind: 'RunPod key', pattern: /\brpa_[A-Za-z0-9]{20,64}/g },
  { kind: 'AWS access key id', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { kind: 'Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,250}/g },
  { kind: 'Slack webhook', pattern: /\bhooks\.slack\.com\/services\/[A-Za-z0-9/_-]{20,100}/g },
  { kind: 'Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  { kind: 'Stripe key', pattern: /\b[rs]k_live_[0-9A-Za-z]{16,200}/g },
  { kind: 'API key', pattern: /\bsk-(?:ant-|proj-|or-v1-|svcacct-)?[A-Za-z0-9_-]{32,250}/g },
  { kind: 'Hugging Face token', pattern: /\bhf_[A-Za-z0-9]{30,64}\b/g },
  { kind: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  {
    kind: 'JSON web token',
    pattern: /\beyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}/g,
  },
  {
    kind: 'password in an address',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@'"`<>{}$]{1,100}:([^\s/:@'"`<>{}$]{4,200})@/gi,
  },
  {
    kind: 'secret in an assignment',
    pattern:
      /(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w-]{0,30}["'\]]{0,2}\s{0,8}(?::=|=>|[:=])\s{0,8}["'`]([^\s"'`]{8,200})["'`]/gi,
    isCertain: false,
  },
  {
    kind: 'secret in an assignment',
    pattern:
      /^[ +-]?(?:export )?[A-Z0-9_]{0,60}(?:PASSWORD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY)[A-Z0-9_]{0,30}=([^\s"'`$<{]{12,200})$/gm,
    isCertain: false,
  },
]

/** What each pattern needs to match at all; most texts hold none of it, and looking for it once is a tenth of looking for each. */
const signs =
  /private key|gh[pousr]_|github_pat_|glpat-|rpa_|a[ks]ia|xox|hooks\.slack|aiza|k_live_|sk-|hf_|npm_|eyj|:\/\/[^\s/@]{1,330}@|passw|passphrase|secret|token|key|credential/i

/** Secrets that their own look gives away, in the order of the text, overlaps merged. */
export function findSecretPlaces(text: string): SecretPlace[] {
  if (!signs.test(text)) return []
  const places = patterns.flatMap(({ kind, pattern, isCertain = true }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const value = match[1] ?? match[0]
      if (!isCertain && !isRandom(value)) return []
      const start = match.index + match[0].lastIndexOf(value)
      return [{ kind, start, end: start + value.length, isCertain }]
    }),
  )
  return mergePlaces(places)
}

/** Overlapping places become one, under the name of the certain and longer one. */
export function mergePlaces(places: readonly SecretPlace[]): SecretPlace[] {
  const sorted = [...places].sort((left, right) => left.start - right.start || right.end - left.end)
  const merged: SecretPlace[] = []
  for (const place of sorted) {
    const last = merged.at(-1)
    if (last === undefined || place.start >= last.end) {
      merged.push(place)
      continue
    }
    const named = last.isCertain || !place.isCertain ? last : place
    merged[merged.length - 1] = { ...named, start: last.start, end: Math.max(last.end, place.end) }
  }
  return merged
}

const placeholders =
  /example|sample|placeholder|changeme|change-me|your[_-]|dummy|redacted|xxxx|\*\*\*|\.\.\.|^\$|[{}<>]|process\.env|^test/i

/** Bits per character below which a value is a word or a pattern, not a key. */
const minEntropy = 2.75

/** An assigned value counts as a secret when it is no placeholder and no plain word. */
function isRandom(value: string): boolean {
  if (placeholders.test(value)) return false
  if (/^[a-z]+(?:[._ -][a-z]+)*$/i.test(value)) return false
  return entropy(value) >= minEntropy
}

function entropy(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length)
  return bits
}
