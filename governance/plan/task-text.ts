import type { TaskScope } from './plan.ts'
import { findTrailingBraces, NO_SCOPE, plainReason, readScope } from './scope.ts'
import { withoutTrailingMarks } from './state-marks.ts'

export interface TaskText {
  readonly id: string | null
  readonly text: string
  readonly scope: TaskScope
  readonly evidence: readonly string[]
  readonly problems: readonly string[]
}

const ID = /^(?:\*\*|__|`)?(T-\d{1,9}(?:\.\d{1,6})*)(?:\*\*|__|`)?[:.]?(?:\*\*|__)?(?=\s|$)\s*/u
const TOMBSTONE =
  /^(?:~~\s*(T-\d{1,9}(?:\.\d{1,6})*)[^~]*~~|(T-\d{1,9}(?:\.\d{1,6})*))\s*(?:(?:→|->|=>)\s*(T-\d{1,9}(?:\.\d{1,6})*)|\(\s*removed\s*:\s*([^()]*)\))\s*$/u
const DEFERRED = /(?<!\s)\s*\(\s*deferred\s*:\s*([^()]{1,400})\)$/iu
// Looked for at the end of a text only, in its last 2,000 signs, so that a hostile line costs no more than a short one.
const EVIDENCE = [
  /(?<!\s)\s*(\[[^[\]]{0,300}\]\([^()\s]{1,1500}\))$/u,
  /(?<!\s)\s*(\(\s*\[[^[\]]{0,300}\]\([^()\s]{1,1500}\)\s*\))$/u,
  /(?<!\s)\s*(\(#\d{1,9}\)|#\d{1,9})$/u,
  /(?<!\s)\s*(<?https?:\/\/[^\s<>]{1,1500}>?)$/u,
]
const TAIL = 2000

/** Reads the text of a box: `T-101 Text {paths: a/**} (#12)`. */
export function readTaskText(raw: string): TaskText {
  const line = collapse(raw)
  const id = ID.exec(line)?.[1] ?? null
  const outer = stripEvidence(id === null ? line : line.replace(ID, ''))
  const braces = findTrailingBraces(outer.text)
  const reading = braces && readScope(braces.inner)
  const inner = reading && braces ? stripEvidence(braces.before) : { text: outer.text, evidence: [] }
  const deferral = DEFERRED.exec(inner.text.slice(-TAIL))
  const scope = reading?.scope ?? NO_SCOPE
  const evidence = [...inner.evidence, ...outer.evidence]
  const text = deferral ? inner.text.slice(0, -deferral[0].length).trimEnd() : inner.text
  // A box with nothing behind it is no box to Markdown, so a lone mark stays the text of its task.
  const isEmpty = id === null && text === '' && evidence.length === 0 && reading === undefined && deferral === null
  return {
    id,
    text: isEmpty ? line : text,
    scope: deferral ? { ...scope, deferred: scope.deferred ?? plainReason(deferral[1] ?? '') } : scope,
    evidence,
    problems: reading?.problems ?? [],
  }
}

/** Reads `~~T-104~~ → T-110`, `~~T-104 Text~~ (removed: reason)` or `T-104 (removed: reason)`. */
export function findTombstone(raw: string): { id: string; movedTo: string | null; reason: string | null } | undefined {
  const line = stripEvidence(collapse(raw)).text
  const match = line.length > TAIL ? null : TOMBSTONE.exec(line)
  const id = match?.[1] ?? match?.[2]
  if (match === null || id === undefined) return undefined
  return { id, movedTo: match[3] ?? null, reason: match[4]?.trim() ?? null }
}

/** Issue numbers that pieces of evidence name. */
export function issuesIn(evidence: readonly string[]): number[] {
  return evidence.flatMap((piece) => {
    const number = /#(\d{1,9})\)?\]?|\/issues\/(\d{1,9})/u.exec(piece)
    return number ? [Number(number[1] ?? number[2])] : []
  })
}

function stripEvidence(text: string): { text: string; evidence: string[] } {
  const evidence: string[] = []
  let rest = withoutTrailingMarks(text).trimEnd()
  for (;;) {
    const tail = rest.slice(-TAIL)
    const match = EVIDENCE.map((pattern) => pattern.exec(tail)).find((found) => found !== null)
    if (!match) return { text: rest, evidence }
    evidence.unshift(match[1] ?? '')
    rest = withoutTrailingSigns(rest.slice(0, -match[0].length))
  }
}

/** Without the marks and dashes that led to a piece of evidence. */
function withoutTrailingSigns(text: string): string {
  let rest = text
  for (;;) {
    const shorter = withoutTrailingMarks(rest).replace(/(?<![\s—–-])[\s—–-]+$/u, '')
    if (shorter === rest) return rest
    rest = shorter
  }
}

function collapse(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim()
}
