import type { ResolvedConfig } from '../../config/resolved-config.ts'
import type { Trigger } from '../../governance/rule.ts'
import { RULES } from '../../governance/rules/index.ts'

/** What the enabled rules read. What nobody reads is not asked for. */
export function readsOf(config: ResolvedConfig): ReadonlySet<Trigger> {
  return new Set(RULES.filter(({ id }) => config.governance.rules[id] !== 'off').flatMap(({ reads }) => reads))
}
