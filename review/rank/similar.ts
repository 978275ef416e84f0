import { normaliseCode } from './fingerprint.ts'

/** Share of words two titles have in common from which they say the same. */
const sameTitle = 0.5

interface Said {
  readonly path: string
  readonly quote: string
  readonly title: string
}

/** Whether two findings are about one defect although a model gave them another category or wording. */
export function isSameDefect(left: Said, right: Said): boolean {
  if (left.path !== right.path) return false
  const [leftCode, rightCode] = [normaliseCode(left.quote), normaliseCode(right.quote)]
  if (leftCode === rightCode) return true
  const isWithin = leftCode !== '' && rightCode !== '' && (leftCode.includes(rightCode) || rightCode.includes(leftCode))
  return isWithin && titleLikeness(left.title, right.title) >= sameTitle
}

/** Words in common over words in all, 0 to 1. */
export function titleLikeness(left: string, right: string): number {
  const [leftWords, rightWords] = [wordsOf(left), wordsOf(right)]
  const shared = [...leftWords].filter((word) => rightWords.has(word)).length
  const all = new Set([...leftWords, ...rightWords]).size
  return all === 0 ? 0 : shared / all
}

function wordsOf(title: string): ReadonlySet<string> {
  return new Set(title.toLowerCase().match(/[\p{L}\p{N}_]{3,}/gu) ?? [])
}
