import type { InlineComment } from '../../ports/github.ts'
import { sanitizeModelLine, sanitizeModelText } from '../prove/sanitize.ts'
import type { VotedFinding } from '../rank/ranked.ts'
import { fencedBlock } from './markdown-text.ts'
import { findingMarker } from './markers.ts'
import { severityBadge } from './words.ts'

/** A placed finding as a comment at its lines; undefined for one without a line. */
export function inlineComment(finding: VotedFinding): InlineComment | undefined {
  const { path, line, endLine, side } = finding
  if (line === null) return undefined
  const last = endLine ?? line
  return { path, side, line: last, ...(last > line ? { startLine: line } : {}), body: inlineBody(finding) }
}

function inlineBody(finding: VotedFinding): string {
  const { id, severity, category, title, body, suggestion, side } = finding
  const parts = [`**${severityBadge[severity]} · ${category}: ${sanitizeModelLine(title)}**`]
  if (body !== '') parts.push(sanitizeModelText(body))
  // GitHub applies suggestions to the head only.
  if (suggestion !== undefined && side === 'RIGHT') parts.push(fencedBlock('suggestion', suggestion))
  parts.push(`<sub>${certainty(finding)} · wrong? \`/devloop dismiss ${id}\`; 👎 keeps it from being said again</sub>`)
  parts.push(findingMarker(id))
  return parts.join('\n\n')
}

/** `confidence 80 %, found in 2 of 3 passes`. */
export function certainty({ confidence, votes }: VotedFinding): string {
  const percent = `confidence ${Math.round(confidence * 100)} %`
  return votes.passes > 1 ? `${percent}, found in ${votes.said}/${votes.passes} passes` : percent
}
