import { type MicroUsd, microUsdFromUsd } from '../ports/money.ts'
import { type Policy, policySchema } from './policy-schema.ts'
import { RULE_IDS, type RuleId, type RuleLevel } from './rule-ids.ts'

/** `devloop.yml` with every default filled in; money in integer micro-dollars. Immutable. */
export interface ResolvedConfig {
  /** `file`: written by the repository. `absent`: there is no file, so all rules only log. */
  readonly source: 'file' | 'absent'
  readonly governance: GovernanceConfig
  readonly review: ReviewConfig
  readonly fleet: FleetConfig
  readonly budget: BudgetConfig
  readonly access: AccessConfig
  readonly report: ReportConfig
}

export type GovernanceConfig = Policy['governance']
export type ReviewConfig = Policy['review']
export type AccessConfig = Policy['access']
export type ReportConfig = Policy['report']

export interface FleetConfig extends Omit<Policy['fleet'], 'maxUsdPerHour'> {
  /** Most a GPU may cost per hour. */
  readonly maxMicroUsdPerHour: MicroUsd
}

export interface BudgetConfig {
  readonly perJobMicroUsd: MicroUsd
  readonly perDayMicroUsd: MicroUsd
  readonly perMonthMicroUsd: MicroUsd
  readonly perUserJobsPerDay: number
  readonly perUserConcurrent: number
}

/** Turns a parsed policy into the values the core works with. */
export function resolvePolicy(policy: Policy): ResolvedConfig {
  const { maxUsdPerHour, ...fleet } = policy.fleet
  const { budget } = policy
  return {
    source: 'file',
    governance: policy.governance,
    review: policy.review,
    fleet: { ...fleet, maxMicroUsdPerHour: microUsdFromUsd(maxUsdPerHour) },
    budget: {
      perJobMicroUsd: microUsdFromUsd(budget.perJobUsd),
      perDayMicroUsd: microUsdFromUsd(budget.perDayUsd),
      perMonthMicroUsd: microUsdFromUsd(budget.perMonthUsd),
      perUserJobsPerDay: budget.perUserJobsPerDay,
      perUserConcurrent: budget.perUserConcurrent,
    },
    access: policy.access,
    report: policy.report,
  }
}

/** What an empty file means: every default, enforced. */
export function defaultConfig(): ResolvedConfig {
  return resolvePolicy(policySchema.parse({}))
}

/** What applies to a repository without the file: the defaults, with every rule only logged. */
export function configWithoutFile(): ResolvedConfig {
  const config = defaultConfig()
  const rules = Object.fromEntries(RULE_IDS.map((id) => [id, 'log'])) as Record<RuleId, RuleLevel>
  return { ...config, source: 'absent', governance: { ...config.governance, rules } }
}
