import type { RuleVerdict, Verdict } from '../verdict.ts'
import { isHolding, isRed } from '../verdict.ts'

export type Mark = 'holds' | 'warns' | 'logs' | 'waived' | 'passes' | 'skipped'

/** What a rule's answer means for the change. */
export function markOf(rule: RuleVerdict): Mark {
  if (rule.status === 'pass') return 'passes'
  if (rule.status === 'skip') return 'skipped'
  if (rule.waived !== null) return 'waived'
  if (isHolding(rule)) return 'holds'
  return rule.level === 'warn' ? 'warns' : 'logs'
}

/** The verdict in one line, as the title of the check run and the first line of a terminal. */
export function summaryLine(verdict: Verdict): string {
  const holding = verdict.rules.filter(isHolding)
  const red = verdict.rules.filter(isRed)
  switch (verdict.conclusion) {
    case 'error':
      return 'The check itself broke; nothing was decided'
    case 'neutral':
      return `Nothing is enforced yet: ${countRules(red.length)} would speak up; \`devloop init\` begins`
    case 'failure':
      return failureLine(holding)
    case 'success':
      return successLine(verdict)
  }
}

/** Failing rules by name; rules that cannot tell are named when nothing fails, because they are often only its consequence. */
function failureLine(holding: readonly RuleVerdict[]): string {
  const failing = holding.filter((rule) => rule.status === 'fail')
  const named = failing.length > 0 ? failing : holding
  const verb = failing.length > 0 ? (failing.length === 1 ? 'holds this change' : 'hold this change') : 'cannot tell'
  const rest = holding.length - named.length
  return `${countRules(named.length)} ${verb}: ${named.map((rule) => rule.id).join(', ')}${rest > 0 ? ` (${rest} more cannot tell)` : ''}`
}

function successLine(verdict: Verdict): string {
  const marks = verdict.rules.map(markOf)
  const count = (mark: Mark) => marks.filter((other) => other === mark).length
  const parts = [
    ...(count('warns') > 0 ? [`${count('warns')} ${count('warns') === 1 ? 'warning' : 'warnings'}`] : []),
    ...(count('waived') > 0 ? [`${count('waived')} waived`] : []),
    ...(count('skipped') > 0 ? [`${count('skipped')} skipped`] : []),
  ]
  return `Nothing holds this change: ${[`${countRules(count('passes'))} ${count('passes') === 1 ? 'passes' : 'pass'}`, ...parts].join(', ')}`
}

export function countRules(count: number): string {
  return `${count} ${count === 1 ? 'rule' : 'rules'}`
}
