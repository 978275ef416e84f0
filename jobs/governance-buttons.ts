import { RULE_IDS, type RuleId } from '../config/rule-ids.ts'
import { isHolding, type Verdict } from '../governance/verdict.ts'
import type { CheckRunWish } from '../ports/github.ts'

const MAX_BUTTONS = 3
const WAIVE = 'waive:'

/** Buttons of the check run: judge again, and waive what holds the change. GitHub shows at most three, with short texts. */
export function governanceButtons(verdict: Verdict): CheckRunWish['actions'] {
  const rerun = { label: 'Check again', description: 'Judge this head commit again.', identifier: 'rerun' }
  const waivers = verdict.rules.filter(isHolding).map(({ id }) => ({
    label: `Waive ${id.slice(id.indexOf('/') + 1)}`.slice(0, 20),
    description: `Waive ${id} for this commit.`.slice(0, 40),
    identifier: `${WAIVE}${RULE_IDS.indexOf(id)}`,
  }))
  return [rerun, ...waivers].slice(0, MAX_BUTTONS)
}

/** The rule a button waives; undefined for other buttons. */
export function ruleOfButton(identifier: string): RuleId | undefined {
  return identifier.startsWith(WAIVE) ? RULE_IDS[Number(identifier.slice(WAIVE.length))] : undefined
}
