import type { Log, ReportingDescriptor, Result } from 'sarif'
import { RULE_DEFAULTS } from '../../config/rule-ids.ts'
import { isHolding, isRed, type RuleVerdict, type Verdict } from '../verdict.ts'

/** The verdict as SARIF 2.1.0, for code scanning and editors. Only rules that are not good give results. */
export function renderSarif(verdict: Verdict): Log {
  return {
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [
      {
        tool: { driver: { name: 'DevLoop', rules: verdict.rules.map(descriptor) } },
        results: verdict.rules.filter(isRed).flatMap(resultsOf),
        columnKind: 'utf16CodeUnits',
      },
    ],
  }
}

function descriptor(rule: RuleVerdict): ReportingDescriptor {
  return {
    id: rule.id,
    shortDescription: { text: RULE_DEFAULTS[rule.id].says },
    defaultConfiguration: { level: levelOf(rule) },
  }
}

function resultsOf(rule: RuleVerdict): Result[] {
  const text = rule.remedy ? `${rule.message}. ${rule.remedy.text} (${rule.remedy.who}).` : `${rule.message}.`
  const suppressions: Pick<Result, 'suppressions'> = rule.waived
    ? { suppressions: [{ kind: 'external', justification: `${rule.waived.by}: ${rule.waived.reason}` }] }
    : {}
  const result: Result = {
    ruleId: rule.id,
    level: isHolding(rule) ? 'error' : levelOf(rule),
    message: { text },
    ...suppressions,
  }
  if (rule.where.length === 0) return [result]
  return rule.where.map(({ path, line }) => ({
    ...result,
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(path), uriBaseId: '%SRCROOT%' },
          region: { startLine: line },
        },
      },
    ],
  }))
}

function levelOf(rule: RuleVerdict): 'error' | 'warning' | 'note' {
  if (rule.level === 'block') return 'error'
  return rule.level === 'warn' ? 'warning' : 'note'
}
