import { severities } from '../finding.ts'
import { isGap } from '../outcome.ts'
import type { ReviewResult } from '../result.ts'
import { count, listing } from './words.ts'

/** The outcome in one line, for the head of a comment, a check run or a terminal. */
export function headline(result: ReviewResult): string {
  const { outcome, ranking } = result
  const shown = [...ranking.inline, ...ranking.folded]
  const bySeverity = severities.flatMap((severity) => {
    const amount = shown.filter((finding) => finding.severity === severity).length
    return amount === 0 ? [] : [`${amount} ${severity}`]
  })
  const fresh = shown.length === 0 ? 'no findings' : `${count(shown.length, 'finding')} (${listing(bySeverity)})`
  const open = ranking.stillOpen.length
  const found =
    open === 0 ? fresh : `${shown.length === 0 ? 'nothing new' : fresh}, ${open} of earlier rounds still open`
  switch (outcome) {
    case 'posted':
      return sentence(found)
    case 'clean':
      return sentence(`${found} in this change`)
    case 'partial':
      return sentence(`${found}, but not all of the change was read`)
    case 'failed':
      return shown.length === 0 ? 'The review failed' : sentence(`${found}, but the model review failed`)
  }
}

/** What was read, in one sentence. */
export function readSentence({ coverage }: ReviewResult): string {
  if (coverage.length === 0) return 'The change is empty.'
  const gaps = coverage.filter(isGap).length
  const read = coverage.filter((entry) => entry.state === 'reviewed').length
  const leftOut = coverage.length - read - gaps
  const parts = [`${read} of ${count(coverage.length, 'hunk')} read`]
  if (leftOut > 0) parts.push(`${leftOut} left out by rule`)
  if (gaps > 0) parts.push(`**${gaps} not read**`)
  return `${listing(parts)}.`
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}
