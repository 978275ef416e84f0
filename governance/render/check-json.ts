import type { RuleVerdict, Verdict } from '../verdict.ts'

/** What `devloop check --json` prints. Its fields are a public promise. */
export interface CheckJson {
  readonly conclusion: Verdict['conclusion']
  readonly drift: number
  readonly rules: readonly {
    readonly id: string
    readonly level: string
    readonly status: string
    readonly message: string
    readonly where?: readonly { readonly path: string; readonly line: number }[]
    readonly remedy?: { readonly kind: 'mechanical' | 'judgement'; readonly text: string }
  }[]
  readonly shortestPath: readonly string[]
  readonly snapshotHash: string
  readonly policyHash: string
}

export function checkJson(verdict: Verdict): CheckJson {
  return {
    conclusion: verdict.conclusion,
    drift: verdict.drift,
    rules: verdict.rules.map(ruleJson),
    shortestPath: verdict.shortestPath.map((step) => `${step.text} — ${step.who}`),
    snapshotHash: verdict.snapshotHash,
    policyHash: verdict.policyHash,
  }
}

function ruleJson(rule: RuleVerdict): CheckJson['rules'][number] {
  const waived = rule.waived ? ` (waived by ${rule.waived.by}: ${rule.waived.reason})` : ''
  return {
    id: rule.id,
    level: rule.level,
    status: rule.status,
    message: `${rule.message}${waived}`,
    ...(rule.where.length > 0 ? { where: rule.where } : {}),
    ...(rule.remedy ? { remedy: { kind: rule.remedy.kind, text: rule.remedy.text } } : {}),
  }
}
