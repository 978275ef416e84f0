import type { ResolvedConfig } from '../config/resolved-config.ts'
import { canonicalJson, sha256 } from './canonical-json.ts'
import { hasPermission } from './permission.ts'
import { CannotTell, judgement, type Rule } from './rule.ts'
import { RULES } from './rules/index.ts'
import { findShortestPath } from './shortest-path.ts'
import type { Snapshot } from './snapshot.ts'
import { snapshotHash } from './snapshot-hash.ts'
import {
  type Conclusion,
  isHolding,
  isRed,
  type Outcome,
  type RuleVerdict,
  type Verdict,
  type Waived,
} from './verdict.ts'
import { View } from './view.ts'

/**
 * Judges one snapshot under one policy. Pure: the same two values give the same verdict, and a rule that breaks is a finding, not a throw.
 * `rules` is for canaries and tests.
 */
export function evaluate(snapshot: Snapshot, config: ResolvedConfig, rules: readonly Rule[] = RULES): Verdict {
  const judged = judge(snapshot, config, rules)
  const path = findShortestPath({ snapshot, config, rules, judge })
  return {
    conclusion: judged.conclusion,
    drift: judged.verdicts.filter(
      (verdict) => verdict.id.startsWith('plan/') && verdict.status === 'fail' && verdict.waived === null,
    ).length,
    rules: judged.verdicts,
    shortestPath: path.steps,
    pathReachesGreen: path.reachesGreen,
    snapshotHash: snapshotHash(snapshot),
    policyHash: policyHash(config),
  }
}

export interface Judged {
  readonly view: View
  readonly verdicts: readonly RuleVerdict[]
  readonly conclusion: Conclusion
}

function judge(snapshot: Snapshot, config: ResolvedConfig, rules: readonly Rule[]): Judged {
  const view = new View(snapshot, config)
  let broken = false
  const verdicts = rules.flatMap((rule): RuleVerdict[] => {
    const level = config.governance.rules[rule.id]
    if (level === 'off') return []
    const { outcome, threw } = runRule(rule, view)
    broken ||= threw && level === 'block'
    return [{ id: rule.id, level, ...outcome, waived: isRed(outcome) ? findWaiver(snapshot, rule.id, config) : null }]
  })
  return { view, verdicts, conclusion: conclude(verdicts, config, broken) }
}

function runRule(rule: Rule, view: View): { readonly outcome: Outcome; readonly threw: boolean } {
  try {
    return { outcome: rule.evaluate(view), threw: false }
  } catch (error) {
    if (error instanceof CannotTell) {
      const { status, message, remedy } = error
      return { outcome: { status, message, values: {}, where: [], remedy }, threw: false }
    }
    const message = `this rule broke (${error instanceof Error ? error.message : String(error)})`
    const remedy = judgement('Report this as a bug of DevLoop, with the stored snapshot', 'anybody')
    return { outcome: { status: 'unknown', message, values: {}, where: [], remedy }, threw: true }
  }
}

/** A waiver holds for one rule on one head SHA, given by somebody whose permission suffices. */
function findWaiver(snapshot: Snapshot, rule: string, config: ResolvedConfig): Waived | null {
  const waivers = 'seen' in snapshot.waivers ? snapshot.waivers.seen : []
  const own = waivers.filter(
    (waiver) =>
      waiver.rule === rule &&
      waiver.headSha === snapshot.change.headSha &&
      hasPermission(waiver.permission, config.access.overrides),
  )
  const [first] = [...own].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.by < b.by ? -1 : 1))
  return first ? { by: first.by, reason: first.reason } : null
}

function conclude(verdicts: readonly RuleVerdict[], config: ResolvedConfig, broken: boolean): Conclusion {
  if (config.source === 'absent') return 'neutral'
  if (broken) return 'error'
  return verdicts.some(isHolding) ? 'failure' : 'success'
}

const policyHashes = new WeakMap<ResolvedConfig, string>()

/** Over what rules read, so that a changed review or budget setting gives no other verdict. */
function policyHash(config: ResolvedConfig): string {
  const known = policyHashes.get(config)
  if (known !== undefined) return known
  const { source, governance, access } = config
  const hash = sha256(canonicalJson({ source, governance, overrides: access.overrides }))
  policyHashes.set(config, hash)
  return hash
}
