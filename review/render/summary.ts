import { isGap } from '../outcome.ts'
import type { OpenFinding } from '../rank/rank.ts'
import type { VotedFinding } from '../rank/ranked.ts'
import { sanitizeModelLine, sanitizeModelText } from '../prove/sanitize.ts'
import type { ChecklistItem, RequirementState, ReviewResult } from '../result.ts'
import { coverageTable, reasonCounts } from './coverage-table.ts'
import { headline, readSentence } from './headline.ts'
import { certainty } from './inline-comment.ts'
import { codeSpan, details, fencedBlock, table } from './markdown-text.ts'
import { summaryMarker } from './markers.ts'
import { receiptLine, receiptTable } from './receipt-table.ts'
import { count, severityBadge } from './words.ts'

/** GitHub's limit of a comment (65,536 characters) less room for what the API counts otherwise. */
const maxChars = 64_000

export interface SummaryContext {
  /** The dashboard page of the run; null without a server. */
  readonly detailsUrl: string | null
  /** Marks the comment as ours; not wanted in the terminal. */
  readonly withMarker: boolean
}

/** The one summary comment of a pull request. Long lists are cut where they stand, never the outcome or the receipt. */
export function renderSummary(result: ReviewResult, context: SummaryContext): string {
  for (const limit of [400, 150, 60, 20, 5, 0]) {
    const text = summaryText(result, context, limit)
    if (text.length <= maxChars) return text
  }
  return `${summaryText(result, context, 0).slice(0, maxChars)}\n\n… cut: the rest has no room in a comment.`
}

function summaryText(result: ReviewResult, context: SummaryContext, limit: number): string {
  const { ranking } = result
  const parts = [
    ...(context.withMarker ? [summaryMarker] : []),
    `### DevLoop review: ${headline(result)}`,
    [`Outcome **${result.outcome}** for ${codeSpan(result.receipt.headSha.slice(0, 10))}.`, readSentence(result)].join(
      ' ',
    ),
  ]
  if (result.shortfall !== null) parts.push(`> **${sanitizeModelLine(result.shortfall, 600)}**`)
  parts.push(...result.notes.map((note) => `> ${sanitizeModelLine(note, 600)}`))
  if (ranking.inline.length > 0) parts.push(findingTable(ranking.inline))
  parts.push(`**Checklist**\n${result.checklist.map(checklistLine).join('\n')}`)
  parts.push(...foldedParts(result, limit))
  parts.push(footer(context))
  return parts.filter((part) => part !== '').join('\n\n')
}

function findingTable(findings: readonly VotedFinding[]): string {
  const rows = findings.map((finding) => [
    severityBadge[finding.severity],
    sanitizeModelLine(finding.title),
    place(finding),
    finding.category,
  ])
  return table(['severity', 'finding', 'place', 'kind'], rows)
}

function place({ path, line, endLine, side }: VotedFinding): string {
  if (line === null) return codeSpan(path)
  const lines = endLine !== null && endLine > line ? `${line}-${endLine}` : `${line}`
  return `${codeSpan(`${path}:${lines}`)}${side === 'LEFT' ? ' (deleted)' : ''}`
}

const topics: Readonly<Record<ChecklistItem['topic'], string>> = {
  architecture: 'Architecture',
  'tests-and-errors': 'Tests and error handling',
  performance: 'Performance',
}
const stateMarks: Readonly<Record<ChecklistItem['state'], string>> = {
  fine: '✅',
  attention: '⚠️',
  'not-checked': '❔',
}

function checklistLine({ topic, state, text }: ChecklistItem): string {
  return `- ${stateMarks[state]} **${topics[topic]}:** ${text}`
}

function foldedParts(result: ReviewResult, limit: number): string[] {
  const { ranking, coverage, mustCheck, requirements } = result
  const { folded, fixed, stillOpen, suppressed } = ranking
  const gaps = coverage.filter(isGap)
  const parts: string[] = []
  if (folded.length > 0) parts.push(details(`${count(folded.length, 'more finding')}`, foldedFindings(folded, limit)))
  if (fixed.length > 0) {
    const lines = fixed.slice(0, limit).map(({ path, title }) => `- ~~${sanitizeModelLine(title)}~~ ${codeSpan(path)}`)
    parts.push(details(`${count(fixed.length, 'earlier finding')} fixed`, lines.join('\n')))
  }
  if (stillOpen.length > 0) {
    const lines = stillOpen.slice(0, limit).map(openLine)
    parts.push(details(`${count(stillOpen.length, 'earlier finding')} still open`, lines.join('\n')))
  }
  if (requirements.length > 0) parts.push(requirementPart(requirements, limit))
  if (mustCheck.length > 0) {
    const rows = mustCheck
      .slice(0, limit)
      .map(({ question, verdict, reason }) => [question, verdict, sanitizeModelLine(reason)])
    parts.push(
      details(
        `${count(mustCheck.length, 'question')} this change had to answer`,
        table(['question', 'answer', 'why'], rows),
      ),
    )
  }
  if (gaps.length > 0) {
    const text = `${reasonCounts(gaps)}.\n\n${coverageTable(gaps, limit)}`
    parts.push(details(`Not looked at: ${count(gaps.length, 'hunk')}`, text))
  }
  const read = coverage.filter((entry) => entry.state === 'reviewed').length
  parts.push(details(`Coverage: ${read} of ${count(coverage.length, 'hunk')}`, coverageTable(coverage, limit)))
  if (suppressed.length > 0) {
    const lines = suppressed
      .slice(0, limit)
      .map(
        ({ finding, because }) =>
          `- ${sanitizeModelLine(finding.title)} ${place(finding)}: ${sanitizeModelLine(because)}`,
      )
    parts.push(details(`${count(suppressed.length, 'finding')} held back, and why`, lines.join('\n')))
  }
  parts.push(details(`Receipt: ${receiptLine(result)}`, receiptTable(result)))
  return parts
}

function openLine({ id, path, line, severity, title, setAsideBecause }: OpenFinding): string {
  const where = codeSpan(line === null ? path : `${path}:${line}`)
  const aside =
    setAsideBecause === undefined
      ? ''
      : ` (${sanitizeModelLine(setAsideBecause)}: not said again, but it counts until it is fixed or dismissed)`
  return `- ${severityBadge[severity]} ${sanitizeModelLine(title)} ${where}${aside} · \`/devloop dismiss ${id}\``
}

function foldedFindings(findings: readonly VotedFinding[], limit: number): string {
  const shown = findings.slice(0, limit).map((finding) => {
    const head = `**${severityBadge[finding.severity]} · ${finding.category}: ${sanitizeModelLine(finding.title)}** ${place(finding)}`
    const code = finding.line === null && finding.quote !== '' ? [fencedBlock('', finding.quote)] : []
    return [
      head,
      sanitizeModelText(finding.body),
      ...code,
      `<sub>${certainty(finding)} · \`/devloop dismiss ${finding.id}\`</sub>`,
    ]
      .filter((part) => part !== '')
      .join('\n\n')
  })
  const cut = findings.length - shown.length
  return [...shown, ...(cut > 0 ? [`… and ${cut} more: this comment has no room for them.`] : [])].join('\n\n')
}

function requirementPart(requirements: readonly RequirementState[], limit: number): string {
  const marks = { satisfied: '✅', violated: '❌', unknown: '❔' } as const
  const rows = requirements
    .slice(0, limit)
    .map(({ issue, text, verdict, evidence }) => [
      `${marks[verdict]} ${verdict}`,
      codeSpan(issue),
      text,
      evidence === null
        ? ''
        : `${codeSpan(`${evidence.path}:${evidence.line}`)} ${codeSpan(evidence.quote.slice(0, 120))}`,
    ])
  const satisfied = requirements.filter(({ verdict }) => verdict === 'satisfied').length
  return details(
    `Linked issues: ${satisfied} of ${count(requirements.length, 'requirement')} shown to be satisfied`,
    table(['', 'issue', 'requirement', 'evidence'], rows),
  )
}

function footer({ detailsUrl }: SummaryContext): string {
  const link = detailsUrl === null ? '' : `[How this came about](${detailsUrl}) · `
  return `<sub>${link}\`/devloop review\` looks again · \`/devloop ask QUESTION\` · \`/devloop help\`</sub>`
}
