const MASK = '[redacted]'
const DEEPEST = 6
const LONGEST_TEXT = 4_000

const SECRET_NAME =
  /(^|[_-])(authorization|cookie|password|passphrase|secret|token|env)$|(api|private|access|controller|account)[_-]?key|token$|secret$/i
/** Counters are named `promptTokens`, and `tokens` is no token. */
const HARMLESS_NAME = /tokens$/i

const SECRET_TEXT: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(gh[pousr]_\w{20,}|github_pat_\w{20,}|rpa_\w{16,}|sk-[\w-]{20,}|dlk_\w{16,})/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g,
  /(?<=\b(bearer|basic|token)\s{1,8})[\w.~+/=-]{12,}/gi,
  /(?<=:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/g,
]

/** Masks what looks like a credential in a text. */
export function redactText(text: string): string {
  const masked = SECRET_TEXT.reduce((seen, pattern) => seen.replace(pattern, MASK), text)
  return masked.length > LONGEST_TEXT ? `${masked.slice(0, LONGEST_TEXT)}… (${masked.length} characters)` : masked
}

/** A copy that is safe to print: secrets masked by name and by shape, errors as values, bounded in depth. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEEPEST) return '[deeper]'
  if (value instanceof Error) return redactError(value, depth)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Map) return redact(Object.fromEntries(value), depth)
  if (value instanceof Set) return redact([...value], depth)
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isSecret(name, item) ? MASK : redact(item, depth + 1)]),
  )
}

function isSecret(name: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return false
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name)
}

function redactError(error: Error, depth: number): unknown {
  const { code, remedy, facts } = error as Error & { code?: unknown; remedy?: unknown; facts?: unknown }
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    message: redactText(error.message),
    ...(remedy === undefined ? {} : { remedy: redact(remedy, depth + 1) }),
    ...(facts === undefined ? {} : { facts: redact(facts, depth + 1) }),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  }
}
