import type { CheckAnnotation, CheckConclusion, CheckRunWish } from '../../ports/github.ts'
import { commitSha } from '../../ports/ids.ts'
import type { Severity } from '../finding.ts'
import { sanitizeModelLine } from '../prove/sanitize.ts'
import type { VotedFinding } from '../rank/ranked.ts'
import type { ReviewOutcome, ReviewResult } from '../result.ts'
import { headline, readSentence } from './headline.ts'
import { renderSummary } from './summary.ts'

export const reviewCheckName = 'devloop/review'

/** Advisory: findings never turn it red, a review that did not take place does. */
const conclusions: Readonly<Record<ReviewOutcome, CheckConclusion>> = {
  clean: 'success',
  posted: 'neutral',
  partial: 'neutral',
  failed: 'failure',
}

const levels: Readonly<Record<Severity, CheckAnnotation['level']>> = {
  critical: 'failure',
  high: 'failure',
  medium: 'warning',
  low: 'notice',
}

/** The check run of a finished review. */
export function reviewCheck(result: ReviewResult, detailsUrl: string | null): CheckRunWish {
  const findings = [...result.ranking.inline, ...result.ranking.folded]
  return {
    name: reviewCheckName,
    headSha: commitSha.parse(result.receipt.headSha),
    status: 'completed',
    conclusion: conclusions[result.outcome],
    title: headline(result),
    summary: [readSentence(result), ...sentencesOf(result)].join('\n\n'),
    text: renderSummary(result, { detailsUrl, withMarker: false }),
    ...(detailsUrl === null ? {} : { detailsUrl }),
    externalId: result.receipt.inputHash.slice(0, 40),
    annotations: findings.flatMap(annotation),
    actions: [{ label: 'Review again', description: 'Look at this change once more', identifier: 'review-again' }],
  }
}

/** Errors may quote what others sent. */
function sentencesOf({ shortfall, notes }: ReviewResult): string[] {
  return [...(shortfall === null ? [] : [shortfall]), ...notes].map((sentence) => sanitizeModelLine(sentence, 600))
}

/** Annotations stand at head lines only. */
function annotation({ path, line, endLine, side, severity, category, title, body }: VotedFinding): CheckAnnotation[] {
  if (line === null || side === 'LEFT') return []
  const message = body === '' ? title : body
  return [
    {
      path,
      startLine: line,
      endLine: endLine ?? line,
      level: levels[severity],
      title: `${severity} · ${category}: ${title}`.slice(0, 255),
      message,
    },
  ]
}
