import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../config/resolved-config.ts'
import { RULE_IDS } from '../config/rule-ids.ts'
import { canarySnapshot, findDeadCanaries } from './canaries.ts'
import { evaluate } from './evaluate.ts'
import { healthySnapshot } from './healthy-snapshot.ts'
import { pass } from './rule.ts'
import { RULES } from './rules/index.ts'
import { snapshotSchema } from './snapshot.ts'

describe('canaries', () => {
  it('begin from a snapshot that keeps every rule', () => {
    const config = defaultConfig()
    const verdict = evaluate(healthySnapshot(config), config)
    const red = verdict.rules
      .filter((rule) => rule.status !== 'pass')
      .map((rule) => `${rule.id} ${rule.status}: ${rule.message}`)
    expect(red).toEqual([])
    expect(verdict).toMatchObject({ conclusion: 'success', drift: 0, shortestPath: [], pathReachesGreen: true })
  })

  it('are snapshots the schema accepts unchanged', () => {
    for (const id of RULE_IDS) expect(snapshotSchema.parse(canarySnapshot(id))).toEqual(canarySnapshot(id))
  })

  it('all die in the live rule set', () => {
    expect(findDeadCanaries()).toEqual([])
  })

  it('name a rule that no longer blocks, and one that is gone', () => {
    const blind = RULES.filter((rule) => rule.id !== 'plan/stale').map((rule) =>
      rule.id === 'checks/green' ? { ...rule, evaluate: () => pass('all is well') } : rule,
    )
    expect(findDeadCanaries(blind)).toEqual([
      { rule: 'checks/green', said: 'pass', message: 'all is well' },
      { rule: 'plan/stale', said: null, message: 'the rule is not in the rule set' },
    ])
  })
})
