import type { Canary } from './canary.ts'

/** A text that left the product, or that it keeps: a log, a page, a table. */
export interface Evidence {
  readonly source: string
  readonly text: string
}

interface Needle {
  readonly canary: Canary
  readonly form: string
  readonly text: string
}

/** So many characters of a secret are taken for the secret. */
const PIECE = 16
/** Each place of a text is looked at once, by the sum of so many characters. */
const WINDOW = 12
const TABLE_BITS = 20

/** Where canaries stand that should not: in clear, encoded, or broken over lines. */
export function findHits(evidence: readonly Evidence[], canaries: readonly Canary[]): readonly string[] {
  const search = createSearch(canaries.flatMap((canary) => [...needlesOf(canary)]))
  const hits = new Map<string, string>()
  for (const { source, text } of evidence) {
    const joined = text.replaceAll(/\\[nrt"]|[\s"'`,]+/g, '')
    for (const form of [text, joined])
      for (const { canary, form: kind } of search(form)) {
        if (canary.mayStandIn?.some((start) => source.startsWith(start))) continue
        const key = `${canary.name} in ${source}`
        if (!hits.has(key)) hits.set(key, `${key} (${kind})`)
      }
  }
  return [...hits.values()]
}

/** A piece of the value, as it is and as others write it. */
function* needlesOf(canary: Canary): Generator<Needle> {
  const { value } = canary
  for (const at of [0, Math.max(0, Math.floor((value.length - PIECE) / 2)), Math.max(0, value.length - PIECE)]) {
    const piece = value.slice(at, at + PIECE)
    const hex = Buffer.from(piece).toString('hex')
    yield { canary, form: 'clear', text: piece }
    yield { canary, form: 'backwards', text: [...piece].toReversed().join('') }
    yield { canary, form: 'hex', text: hex }
    yield { canary, form: 'hex', text: hex.toUpperCase() }
    yield { canary, form: 'URL', text: encodeURIComponent(piece) }
    // In a longer text its bytes begin at any place of a group of three, and share the groups at the ends with others.
    for (const before of [0, 1, 2]) {
      const encoded = Buffer.from('\0'.repeat(before) + piece).toString('base64')
      const inner = encoded.replaceAll('=', '').slice(before === 0 ? 0 : before + 1, -2)
      yield { canary, form: 'base64', text: inner }
      yield { canary, form: 'base64url', text: inner.replaceAll('+', '-').replaceAll('/', '_') }
    }
  }
}

/** Finds any of thousands of needles in megabytes: a rolling sum over the text says where it is worth looking. */
function createSearch(needles: readonly Needle[]): (text: string) => Generator<Needle> {
  const mask = 2 ** TABLE_BITS - 1
  const table = new Map<number, Needle[]>()
  const isWorthLooking = new Uint8Array(mask + 1)
  const leaving = power(31, WINDOW)
  const add = (sum: number, code: number) => (Math.imul(sum, 31) + code) | 0
  for (const needle of needles) {
    let sum = 0
    for (let at = 0; at < WINDOW; at++) sum = add(sum, needle.text.charCodeAt(at))
    isWorthLooking[sum & mask] = 1
    table.set(sum, [...(table.get(sum) ?? []), needle])
  }
  return function* search(text) {
    let sum = 0
    for (let at = 0; at < text.length; at++) {
      sum = add(sum, text.charCodeAt(at))
      if (at >= WINDOW) sum = (sum - Math.imul(leaving, text.charCodeAt(at - WINDOW))) | 0
      if (isWorthLooking[sum & mask] === 0) continue
      for (const needle of table.get(sum) ?? []) if (text.startsWith(needle.text, at - WINDOW + 1)) yield needle
    }
  }
}

function power(base: number, exponent: number): number {
  let product = 1
  for (let turn = 0; turn < exponent; turn++) product = Math.imul(product, base)
  return product
}
