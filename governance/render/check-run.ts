import type { PolicyProblem } from '../../config/parse-policy-file.ts'
import { POLICY_PATH } from '../../config/policy-schema.ts'
import type { CheckAnnotation, CheckRunWish } from '../../ports/github.ts'
import type { CommitSha } from '../../ports/ids.ts'
import { isHolding, isRed, type RuleVerdict, type Verdict } from '../verdict.ts'
import { cut, escapeMarkdown, oneLine } from './escape.ts'
import { type Mark, markOf, summaryLine } from './summary-line.ts'

/** GitHub's limit for summary and text of a check run is 65,535 characters; a little is kept for multi-byte surprises. */
const MAX_CHARS = 65_000
const MAX_CELL = 700
const MAX_ANNOTATIONS = 500

const SIGN: Readonly<Record<Mark, string>> = {
  holds: '❌',
  warns: '⚠️',
  logs: 'ℹ️',
  waived: '🟡',
  passes: '✅',
  skipped: '➖',
}
const ORDER: readonly Mark[] = ['holds', 'warns', 'waived', 'logs', 'passes', 'skipped']

export interface CheckRunPlace {
  readonly headSha: CommitSha
  /** The page that explains the verdict. */
  readonly detailsUrl?: string
}

/** The required check `devloop/governance` as it shall look on GitHub. */
export function renderCheckRun(verdict: Verdict, place: CheckRunPlace): CheckRunWish {
  return {
    ...frame(place),
    conclusion: verdict.conclusion === 'error' ? 'failure' : verdict.conclusion,
    title: cut(summaryLine(verdict), 250),
    summary: renderSummary(verdict),
    text: renderText(verdict),
    externalId: verdict.snapshotHash,
    annotations: verdict.rules.filter(isRed).flatMap(annotationsOf).slice(0, MAX_ANNOTATIONS),
    actions: [RERUN, ...verdict.rules.filter(isHolding).slice(0, 2).map(waiveButton)],
  }
}

/** The same check when devloop.yml on the base cannot be read: it fails, and says where. */
export function renderBrokenPolicy(problems: readonly PolicyProblem[], place: CheckRunPlace): CheckRunWish {
  const rows = problems.map(
    (problem) => `| ${problem.line} | ${problem.column} | ${escapeMarkdown(cut(problem.message, MAX_CELL))} |`,
  )
  return {
    ...frame(place),
    conclusion: 'failure',
    title: `${POLICY_PATH} has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
    summary: `\`${POLICY_PATH}\` cannot be read, so the last good policy stays in force. Put the file right; the check runs again by itself.`,
    text: bounded(['| line | column | what is wrong |', '|---:|---:|---|'], rows, []),
    annotations: problems.map((problem) => ({
      path: POLICY_PATH,
      startLine: problem.line,
      endLine: problem.line,
      level: 'failure',
      message: cut(oneLine(problem.message), 2000),
    })),
    actions: [RERUN],
  }
}

const RERUN = { label: 'Re-run', description: 'Looks at everything again', identifier: 'rerun' } as const

function frame({ headSha, detailsUrl }: CheckRunPlace) {
  return {
    name: 'devloop/governance',
    headSha,
    status: 'completed',
    ...(detailsUrl === undefined ? {} : { detailsUrl }),
  } as const
}

/** GitHub allows 20 characters each for label and identifier; the longest rule id has exactly 20. */
function waiveButton(rule: RuleVerdict) {
  return {
    label: `Waive ${rule.id.slice(rule.id.indexOf('/') + 1)}`.slice(0, 20),
    description: 'Overrides this rule for this head SHA',
    identifier: rule.id,
  }
}

function renderSummary(verdict: Verdict): string {
  const lines = [escapeMarkdown(`${summaryLine(verdict)}.`)]
  if (verdict.conclusion === 'neutral') {
    lines.push(
      '',
      `There is no \`${POLICY_PATH}\` on the base branch, so every rule only logs. \`devloop init\` writes one.`,
    )
  }
  if (verdict.shortestPath.length > 0) {
    lines.push(
      '',
      verdict.pathReachesGreen
        ? '**Shortest way to green**'
        : '**As far as can be told, the way to green begins with**',
      '',
    )
    for (const [index, step] of verdict.shortestPath.entries())
      lines.push(`${index + 1}. ${escapeMarkdown(cut(step.text, MAX_CELL))} — ${escapeMarkdown(step.who)}`)
  }
  lines.push(
    '',
    `Plan drift: ${verdict.drift}. Judged: snapshot \`${verdict.snapshotHash.slice(0, 12)}\`, policy \`${verdict.policyHash.slice(0, 12)}\`.`,
  )
  return cut(lines.join('\n'), MAX_CHARS)
}

function renderText(verdict: Verdict): string {
  const sorted = [...verdict.rules].sort((a, b) => ORDER.indexOf(markOf(a)) - ORDER.indexOf(markOf(b)))
  const rows = sorted.map(renderRow)
  const values = sorted.filter(isRed).flatMap(renderValues)
  return bounded(
    ['| | rule | what it says | what to do | who |', '|---|---|---|---|---|'],
    rows,
    values.length > 0 ? ['', '### Values seen', '', ...values] : [],
  )
}

function renderRow(rule: RuleVerdict): string {
  const waived = rule.waived ? ` (waived by ${rule.waived.by}: ${rule.waived.reason})` : ''
  const isUnknown = rule.status === 'unknown' ? 'cannot tell: ' : ''
  const cells = [
    SIGN[markOf(rule)],
    `\`${rule.id}\``,
    escapeMarkdown(cut(`${isUnknown}${rule.message}${waived}`, MAX_CELL)),
    rule.remedy ? escapeMarkdown(cut(rule.remedy.text, MAX_CELL)) : '',
    rule.remedy ? escapeMarkdown(rule.remedy.who) : '',
  ]
  return `| ${cells.join(' | ')} |`
}

function renderValues(rule: RuleVerdict): string[] {
  const values = Object.entries(rule.values).map(
    ([name, value]) => `${escapeMarkdown(name)}: ${escapeMarkdown(cut(value, MAX_CELL))}`,
  )
  return values.length === 0 ? [] : [`- \`${rule.id}\` — ${values.join(' · ')}`]
}

/** Head, rows and tail in one text; what does not fit is counted, never dropped in silence. */
function bounded(head: readonly string[], rows: readonly string[], tail: readonly string[]): string {
  const kept: string[] = []
  let length = head.join('\n').length + 200
  for (const line of [...rows, ...tail]) {
    if (length + line.length + 1 > MAX_CHARS) break
    kept.push(line)
    length += line.length + 1
  }
  const missing = rows.length + tail.length - kept.length
  const note = missing > 0 ? ['', `${missing} more lines do not fit here; the details page has them all.`] : []
  return [...head, ...kept, ...note].join('\n')
}

function annotationsOf(rule: RuleVerdict): CheckAnnotation[] {
  const level = isHolding(rule) ? 'failure' : rule.level === 'log' || rule.waived ? 'notice' : 'warning'
  const remedy = rule.remedy ? ` ${rule.remedy.text} (${rule.remedy.who}).` : ''
  return rule.where.map(({ path, line }) => ({
    path,
    startLine: line,
    endLine: line,
    level,
    title: rule.id,
    message: cut(oneLine(`${capital(rule.message)}.${remedy}`), 2000),
  }))
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
