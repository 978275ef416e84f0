import { maskSecrets } from '../../review/secrets/mask.ts'

/** Fields in which people write, at any depth. */
const WRITTEN = new Set(['title', 'body', 'diff_hunk', 'message', 'description', 'summary', 'text'])
const DEEPEST = 8

/**
 * A delivery as it is stored for weeks: what looks like a secret in what people wrote is masked, all else stays byte for byte. Answers
 * the text that was given when there is nothing to mask.
 */
export function maskPayload(text: string, payload: object): string {
  return holdsSecret(payload, 0) ? JSON.stringify(maskIn(payload, 0)) : text
}

/** Nearly every payload holds none: looking is a tenth of the work of copying what is between. */
function holdsSecret(value: object, depth: number): boolean {
  if (depth > DEEPEST) return false
  if (Array.isArray(value)) return value.some((item: unknown) => isObject(item) && holdsSecret(item, depth + 1))
  for (const key in value) {
    const item: unknown = value[key as keyof typeof value]
    if (isObject(item) ? holdsSecret(item, depth + 1) : typeof item === 'string' && WRITTEN.has(key) && isSecret(item))
      return true
  }
  return false
}

function isSecret(text: string): boolean {
  return maskSecrets(text) !== text
}

/** The same object when nothing in it changes. */
function maskIn(value: object, depth: number): object {
  if (depth > DEEPEST) return value
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => (isObject(item) ? maskIn(item, depth + 1) : item))
    return items.every((item, index) => item === value[index]) ? value : items
  }
  let changed: [string, unknown][] | undefined
  const entries = Object.entries(value)
  for (const [at, [key, item]] of entries.entries()) {
    const kept: unknown = isObject(item)
      ? maskIn(item, depth + 1)
      : typeof item === 'string' && WRITTEN.has(key)
        ? maskSecrets(item)
        : item
    if (kept === item) continue
    changed ??= [...entries]
    changed[at] = [key, kept]
  }
  return changed === undefined ? value : Object.fromEntries(changed)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
