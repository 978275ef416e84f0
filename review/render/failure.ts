import type { CheckRunWish } from '../../ports/github.ts'
import { type CommitSha, commitSha } from '../../ports/ids.ts'
import { sanitizeModelLine } from '../prove/sanitize.ts'
import { reviewCheckName } from './check-run.ts'
import { codeSpan } from './markdown-text.ts'
import { summaryMarker } from './markers.ts'

/** A review that ended before it could say anything about the change. */
export interface ReviewFailure {
  readonly kind: 'failed' | 'cancelled'
  /** What happened, one sentence. */
  readonly message: string
  /** What to do, one sentence; may be empty. */
  readonly remedy: string
  readonly headSha: string | null
  readonly detailsUrl: string | null
}

/** The summary comment of such a review. */
export function renderFailure(failure: ReviewFailure): string {
  const { kind, message, remedy, headSha, detailsUrl } = failure
  const commit = headSha === null ? '' : ` for ${codeSpan(headSha.slice(0, 10))}`
  const link = detailsUrl === null ? '' : `[What happened](${detailsUrl}) · `
  return [
    summaryMarker,
    `### DevLoop review: ${kind === 'cancelled' ? 'cancelled' : 'the review failed'}`,
    `Outcome **failed**${commit}: nothing was read, so this says nothing about the change.`,
    `> ${said(message)}${remedy === '' ? '' : `\n> ${said(remedy)}`}`,
    `<sub>${link}\`/devloop review\` tries again</sub>`,
  ].join('\n\n')
}

export function failureCheck(failure: ReviewFailure, headSha: CommitSha): CheckRunWish {
  const { kind, message, remedy, detailsUrl } = failure
  return {
    name: reviewCheckName,
    headSha: commitSha.parse(headSha),
    status: 'completed',
    conclusion: kind === 'cancelled' ? 'cancelled' : 'failure',
    title: kind === 'cancelled' ? 'The review was cancelled' : 'The review failed',
    summary: [message, remedy].flatMap((text) => (text === '' ? [] : [said(text)])).join('\n\n'),
    ...(detailsUrl === null ? {} : { detailsUrl }),
    annotations: [],
    actions: [{ label: 'Review again', description: 'Look at this change once more', identifier: 'review-again' }],
  }
}

/** Messages may quote what others sent. */
function said(text: string): string {
  return sanitizeModelLine(text, 600)
}
