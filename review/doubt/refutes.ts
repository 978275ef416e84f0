import { normaliseCode } from '../rank/fingerprint.ts'

interface Claim {
  readonly title: string
  readonly body: string
  readonly quote: string
  readonly suggestion?: string
}

/**
 * Whether a quoted line may kill a claim: it stands in the code shown, is code and not a comment (a stranger can write "this is safe"
 * into one), is not the accused line itself, and speaks of something the claim speaks of.
 */
export function refutes(quote: string, claim: Claim, shown: readonly string[]): boolean {
  const wanted = normaliseCode(quote)
  if (wanted.includes('\n') || namesIn(wanted).size === 0) return false
  const line = shown.find((text) => normaliseCode(text) === wanted || isLongPart(wanted, normaliseCode(text)))
  if (line === undefined || isComment(line)) return false
  const accused = claim.quote.split('\n').map(normaliseCode)
  if (accused.some((code) => code !== '' && (code === normaliseCode(line) || code.includes(wanted)))) return false
  const spokenOf = namesIn(`${claim.title} ${claim.body} ${claim.quote} ${claim.suggestion ?? ''}`)
  return [...namesIn(line)].some((name) => spokenOf.has(name))
}

const shortestPart = 12

function isLongPart(part: string, line: string): boolean {
  return part.length >= shortestPart && line.includes(part)
}

function isComment(line: string): boolean {
  return /^\s*(?:\/\/|\/\*|\*|#(?!\[|include|define|if)|--|<!--|"""|''')/u.test(line)
}

const keywords = new Set(
  'and any are await bool break case catch class const continue def default defer else export false final finally for from func function get has have import int interface let line new nil none not null number private public raise return self set static str string struct switch the then this throw true try type undefined use var void when while with'.split(
    ' ',
  ),
)

function namesIn(text: string): ReadonlySet<string> {
  const names = text.match(/[\p{L}_$][\p{L}\p{N}_$]{2,}/gu) ?? []
  return new Set(names.filter((name) => !keywords.has(name.toLowerCase())))
}
