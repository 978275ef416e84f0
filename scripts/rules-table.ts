import { RULE_DEFAULTS, RULE_IDS } from '../config/rule-ids.ts'
import { RULES } from '../governance/rules/index.ts'

/** The generated part of docs/rules.md: every rule with its level and what it looks at, in the order of verdicts. */
export function renderRulesTable(): string {
  const reads = new Map(RULES.map((rule) => [rule.id, rule.reads]))
  const rows = RULE_IDS.map((id) => {
    const { level, says } = RULE_DEFAULTS[id]
    return `| [\`${id}\`](#${id.replace('/', '')}) | ${level} | ${says} | ${(reads.get(id) ?? []).join(', ')} |`
  })
  return `| rule | default | holds when | looks again after |\n|---|---|---|---|\n${rows.join('\n')}`
}
