import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Judged } from './evaluate.ts'
import { CannotTell, type Fix, type FixKind, type Rule } from './rule.ts'
import { type Snapshot, seen } from './snapshot.ts'
import { isHolding, type PathStep, type RuleVerdict } from './verdict.ts'

const MAX_STEPS = 12
const MAX_EVALUATIONS = 300

/** Pushes come before everything they void; an owner's approval may stand for anybody's; a waiver, which settles nothing, is the last resort. */
const ORDER: Readonly<Record<FixKind, number>> = {
  push: 0,
  edit: 1,
  check: 2,
  'owner-approval': 3,
  approval: 4,
  waiver: 5,
}

interface Search {
  readonly snapshot: Snapshot
  readonly config: ResolvedConfig
  readonly rules: readonly Rule[]
  readonly judge: (snapshot: Snapshot, config: ResolvedConfig, rules: readonly Rule[]) => Judged
}

/**
 * The smallest set of actions that makes the verdict green, found by evaluating what-if snapshots. Any such set must turn the first
 * failing rule, so each step branches over the fixes of that rule alone; depth grows until a green one is found.
 */
export function findShortestPath(search: Search): {
  readonly steps: readonly PathStep[]
  readonly reachesGreen: boolean
} {
  const budget = { left: MAX_EVALUATIONS }
  for (let depth = 0; depth <= MAX_STEPS; depth++) {
    const found = walk(search, search.snapshot, depth, budget)
    if (found.green) return { steps: found.steps, reachesGreen: true }
    if (budget.left <= 0 || !found.cutByDepth) return { steps: found.steps, reachesGreen: false }
  }
  return { steps: [], reachesGreen: false }
}

interface Walk {
  readonly green: boolean
  readonly steps: readonly PathStep[]
  /** True when more depth could help. */
  readonly cutByDepth: boolean
}

function walk(search: Search, snapshot: Snapshot, depth: number, budget: { left: number }): Walk {
  if (budget.left-- <= 0) return { green: false, steps: [], cutByDepth: false }
  const judged = search.judge(snapshot, search.config, blockingRules(search))
  const holding = judged.verdicts.filter(isHolding)
  if (holding.length === 0) return { green: true, steps: [], cutByDepth: false }
  if (depth === 0) return { green: false, steps: [], cutByDepth: true }
  let best: Walk = { green: false, steps: [], cutByDepth: false }
  for (const fix of nextFixes(search, judged, holding)) {
    const rest = walk(search, fix.apply(snapshot), depth - 1, budget)
    const steps = [{ text: fix.text, who: fix.who }, ...rest.steps]
    if (rest.green) return { green: true, steps, cutByDepth: false }
    best = {
      green: false,
      steps: steps.length > best.steps.length ? steps : best.steps,
      cutByDepth: best.cutByDepth || rest.cutByDepth,
    }
  }
  return best
}

function blockingRules({ config, rules }: Search): readonly Rule[] {
  return rules.filter((rule) => config.governance.rules[rule.id] === 'block')
}

/** The fixes of the rule whose likeliest fix comes earliest. */
function nextFixes(search: Search, judged: Judged, holding: readonly RuleVerdict[]): readonly Fix[] {
  const candidates = holding.map((verdict) => {
    const rule = search.rules.find((candidate) => candidate.id === verdict.id)
    const fixes = verdict.status === 'fail' && rule ? fixesOf(rule, judged) : []
    return fixes.length > 0 ? fixes : [waiverOf(search, verdict)]
  })
  const [first] = candidates.sort((a, b) => orderOf(a) - orderOf(b))
  return first ?? []
}

function fixesOf(rule: Rule, judged: Judged): readonly Fix[] {
  try {
    return rule.fixes?.(judged.view) ?? []
  } catch (error) {
    if (error instanceof CannotTell) return []
    throw error
  }
}

function orderOf([likeliest]: readonly Fix[]): number {
  return likeliest ? ORDER[likeliest.kind] : 0
}

function waiverOf({ config }: Search, verdict: RuleVerdict): Fix {
  const who = `somebody with ${config.access.overrides} permission`
  const instead = verdict.remedy ? `${verdict.remedy.text} (${verdict.remedy.who}); or comment` : 'Comment'
  return {
    kind: 'waiver',
    text: `${instead} \`/devloop override ${verdict.id} <reason>\``,
    who,
    apply: (snapshot) => {
      const waivers = 'seen' in snapshot.waivers ? snapshot.waivers.seen : []
      const waiver = {
        rule: verdict.id,
        headSha: snapshot.change.headSha,
        reason: 'what if',
        by: who,
        permission: 'admin' as const,
        at: snapshot.now,
      }
      return { ...snapshot, waivers: seen([...waivers, waiver]) }
    },
  }
}
