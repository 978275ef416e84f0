import { isHolding, type RuleVerdict, type Verdict } from '../verdict.ts'
import { oneLine } from './escape.ts'
import { countRules, type Mark, markOf, summaryLine } from './summary-line.ts'

const SIGN: Readonly<Record<Mark, string>> = {
  holds: '✗',
  warns: '!',
  logs: '·',
  waived: '~',
  passes: '✓',
  skipped: '-',
}
const COLOUR: Readonly<Record<Mark, number>> = { holds: 31, warns: 33, logs: 36, waived: 33, passes: 32, skipped: 90 }

/** The verdict for a terminal: what holds first, each with its remedy; what passes only counted. */
export function renderTerminal(verdict: Verdict, options: { readonly colours: boolean }): string {
  const paint = (code: number, text: string) => (options.colours ? `\u001B[${code}m${text}\u001B[0m` : text)
  const shown = verdict.rules.filter((rule) => !['passes', 'skipped'].includes(markOf(rule)))
  const width = Math.max(0, ...shown.map((rule) => rule.id.length))
  const sorted = [...shown].sort((a, b) => Number(isHolding(b)) - Number(isHolding(a)))
  const headline = verdict.conclusion === 'success' ? 'passes' : verdict.conclusion === 'neutral' ? 'logs' : 'holds'
  const lines = [paint(COLOUR[headline], `${SIGN[headline]} ${oneLine(summaryLine(verdict))}`)]
  if (sorted.length > 0) lines.push('')
  for (const group of groupUnknown(sorted)) lines.push(...renderRule(group, width, paint))
  lines.push(...renderQuiet(verdict, paint))
  if (verdict.shortestPath.length > 0) {
    lines.push(
      '',
      verdict.pathReachesGreen ? 'Shortest way to green' : 'As far as can be told, the way to green begins with',
    )
    for (const [index, step] of verdict.shortestPath.entries())
      lines.push(`  ${index + 1}. ${oneLine(step.text)} — ${oneLine(step.who)}`)
  }
  return `${lines.join('\n')}\n`
}

/** Rules that cannot tell for the same reason are one entry: they are the shadow of one cause. */
function groupUnknown(rules: readonly RuleVerdict[]): readonly (readonly [RuleVerdict, ...RuleVerdict[]])[] {
  const keyOf = (rule: RuleVerdict) => (rule.status === 'unknown' ? `${markOf(rule)} ${rule.message}` : rule.id)
  return [...Map.groupBy(rules, keyOf).values()].flatMap(([first, ...rest]) =>
    first ? [[first, ...rest] as const] : [],
  )
}

type Paint = (code: number, text: string) => string

function renderRule([rule, ...same]: readonly [RuleVerdict, ...RuleVerdict[]], width: number, paint: Paint): string[] {
  const mark = markOf(rule)
  const message = `${rule.status === 'unknown' ? 'cannot tell: ' : ''}${oneLine(rule.message)}`
  const indent = ' '.repeat(width + 12)
  const [place] = rule.where
  return [
    `  ${paint(COLOUR[mark], SIGN[mark])} ${rule.id.padEnd(width)}  ${rule.level.padEnd(5)}  ${message}`,
    ...(same.length > 0 ? [`${indent}and neither can ${same.map((other) => other.id).join(', ')}`] : []),
    ...(rule.waived ? [`${indent}waived by ${oneLine(rule.waived.by)}: ${oneLine(rule.waived.reason)}`] : []),
    ...(place
      ? [
          `${indent}${paint(90, `at ${oneLine(place.path)}:${place.line}${rule.where.length > 1 ? ` and ${rule.where.length - 1} more` : ''}`)}`,
        ]
      : []),
    ...(rule.remedy && !rule.waived ? [`${indent}→ ${oneLine(rule.remedy.text)} — ${oneLine(rule.remedy.who)}`] : []),
  ]
}

/** Passing rules are counted; skipped ones are grouped by their reason. */
function renderQuiet(verdict: Verdict, paint: Paint): string[] {
  const passing = verdict.rules.filter((rule) => rule.status === 'pass').length
  const byReason = Map.groupBy(
    verdict.rules.filter((rule) => rule.status === 'skip'),
    (rule) => oneLine(rule.message),
  )
  const skipped = [...byReason].map(
    ([reason, rules]) =>
      `  ${paint(COLOUR.skipped, SIGN.skipped)} skipped: ${rules.map((rule) => rule.id).join(', ')} (${reason})`,
  )
  return [
    '',
    `  ${paint(COLOUR.passes, SIGN.passes)} ${countRules(passing)} ${passing === 1 ? 'passes' : 'pass'}`,
    ...skipped,
  ]
}
