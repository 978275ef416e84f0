import { styleText } from 'node:util'
import { formatUsd } from '../../ports/money.ts'
import type { Severity } from '../finding.ts'
import { isGap } from '../outcome.ts'
import type { VotedFinding } from '../rank/ranked.ts'
import type { ReviewResult } from '../result.ts'
import { reasonCounts } from './coverage-table.ts'
import { headline } from './headline.ts'
import { certainty } from './inline-comment.ts'
import { count, duration } from './words.ts'

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'magenta'

const severityStyle: Readonly<Record<Severity, Style>> = {
  critical: 'magenta',
  high: 'red',
  medium: 'yellow',
  low: 'dim',
}

/** The review for a terminal; without colour the words say the same. */
export function renderTerminal(result: ReviewResult, options: { readonly colour: boolean }): string {
  const paint = (style: Style, text: string) =>
    options.colour ? styleText(style, text, { validateStream: false }) : text
  const findings = [...result.ranking.inline, ...result.ranking.folded]
  const headStyle = result.outcome === 'failed' ? 'red' : result.outcome === 'clean' ? 'green' : 'bold'
  const lines = [paint(headStyle, `${result.outcome}  ${headline(result)}`), '']
  for (const finding of findings) lines.push(...findingLines(finding, paint), '')
  lines.push(...factLines(result).map(([name, value]) => `${paint('dim', name.padEnd(10))} ${value}`))
  return `${lines.join('\n')}\n`
}

function findingLines(finding: VotedFinding, paint: (style: Style, text: string) => string): string[] {
  const { path, line, severity, category, title, body, quote, suggestion, id } = finding
  const place = line === null ? path : `${path}:${line}`
  return [
    `${paint(severityStyle[severity], severity.padEnd(8))} ${paint('bold', title)}`,
    `         ${place}  ${paint('dim', `${category}, ${certainty(finding)}, ${id}`)}`,
    ...quote.split('\n').map((code) => `         ${paint('dim', '│')} ${code}`),
    ...(body === '' ? [] : wrap(body, 90).map((text) => `         ${text}`)),
    ...(suggestion === undefined
      ? []
      : suggestion.split('\n').map((code) => `         ${paint('green', `+ ${code}`)}`)),
  ]
}

function factLines(result: ReviewResult): (readonly [string, string])[] {
  const { coverage, usage, cost, receipt, checklist } = result
  const gaps = coverage.filter(isGap)
  const read = coverage.filter((entry) => entry.state === 'reviewed').length
  const skipped = reasonCounts(coverage)
  return [
    ['read', `${read} of ${count(coverage.length, 'hunk')}${skipped === '' ? '' : ` (${skipped})`}`],
    ...(gaps.length === 0 ? [] : [['not read', count(gaps.length, 'hunk')] as const]),
    ...(result.shortfall === null ? [] : [['shortfall', result.shortfall] as const]),
    ...result.notes.map((note) => ['note', note] as const),
    ...checklist.map(
      ({ topic, state, text }) => [shortTopic[topic], `${state === 'attention' ? '! ' : ''}${text}`] as const,
    ),
    ['model', receipt.model ?? 'none'],
    [
      'cost',
      `${formatUsd(cost.microUsd)}, ${count(usage.calls, 'call')}, ${usage.promptTokens.toLocaleString('en-US')} tokens in, ${usage.completionTokens.toLocaleString('en-US')} out, ${duration(receipt.endedAt - receipt.startedAt)}`,
    ],
  ]
}

const shortTopic = { architecture: 'design', 'tests-and-errors': 'tests', performance: 'speed' } as const

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(/\s+/u)) {
      if (line !== '' && line.length + word.length + 1 > width) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    lines.push(line)
  }
  return lines
}
