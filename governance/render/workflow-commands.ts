import { isHolding, isRed, type RuleVerdict, type Verdict } from '../verdict.ts'
import { oneLine } from './escape.ts'
import { summaryLine } from './summary-line.ts'

/** The verdict as workflow commands (`::error file=…::…`), which GitHub shows as annotations of the run. */
export function renderWorkflowCommands(verdict: Verdict): string {
  const lines = verdict.rules.filter(isRed).flatMap(commandsOf)
  return `${[...lines, oneLine(summaryLine(verdict))].join('\n')}\n`
}

function commandsOf(rule: RuleVerdict): string[] {
  const kind = isHolding(rule) ? 'error' : rule.level === 'log' || rule.waived ? 'notice' : 'warning'
  const message = escapeMessage(`${rule.message}${rule.remedy ? `. ${rule.remedy.text} (${rule.remedy.who})` : ''}`)
  const places =
    rule.where.length > 0
      ? rule.where.slice(0, 10).map(({ path, line }) => `file=${escapeProperty(path)},line=${line},`)
      : ['']
  return places.map((place) => `::${kind} ${place}title=${escapeProperty(rule.id)}::${message}`)
}

function escapeMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
