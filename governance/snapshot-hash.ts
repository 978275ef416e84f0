import { canonicalJson, sha256 } from './canonical-json.ts'
import type { Snapshot } from './snapshot.ts'

/** The snapshot as bytes: keys sorted. Stored and evaluated again it gives the same verdict. */
export function serializeSnapshot(snapshot: Snapshot): string {
  return canonicalJson(snapshot)
}

/** A hash of the facts: their order and repetitions do not count, because GitHub promises neither order nor single delivery. */
export function snapshotHash(snapshot: Snapshot): string {
  return sha256(canonicalFacts(snapshot))
}

// Thousands of small values go through here on each evaluation: plain loops are three times as fast as chained array methods.
function canonicalFacts(value: unknown): string {
  if (typeof value === 'string') return isPlain(value) ? `"${value}"` : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return canonicalList(value)
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const member: unknown = (value as Readonly<Record<string, unknown>>)[key]
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalFacts(member)}`
  }
  return `{${text}}`
}

function canonicalList(items: readonly unknown[]): string {
  const texts: string[] = []
  for (const item of items) texts.push(canonicalFacts(item))
  texts.sort()
  let text = ''
  let last: string | undefined
  for (const item of texts) {
    if (item !== last) text += text === '' ? item : `,${item}`
    last = item
  }
  return `[${text}]`
}

/** True for short strings that JSON writes as they are. */
function isPlain(text: string): boolean {
  return text.length < 200 && /^[\w ./:#@-]*$/u.test(text)
}
