import { describe, expect, it } from 'vitest'
import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { RULE_IDS, type RuleId } from '../config/rule-ids.ts'
import { RULES } from './rules/index.ts'
import { rulesReading } from './triggers.ts'

const config = defaultConfig()

function without(ids: readonly RuleId[]): ResolvedConfig {
  const off = Object.fromEntries(ids.map((id) => [id, 'off' as const]))
  return { ...config, governance: { ...config.governance, rules: { ...config.governance.rules, ...off } } }
}

describe('rulesReading', () => {
  it('has one rule per id, each reading at least the head', () => {
    expect(RULES.map((rule) => rule.id)).toEqual(RULE_IDS)
    expect(RULES.filter((rule) => !rule.reads.includes('head'))).toEqual([])
  })

  it('wakes every rule when the head changes', () => {
    for (const action of ['opened', 'reopened', 'synchronize'])
      expect(rulesReading({ name: 'pull_request', action }, config)).toEqual(RULE_IDS)
    expect(rulesReading({ name: 'merge_group', action: 'checks_requested' }, config)).toEqual(RULE_IDS)
  })

  it.each([
    ['pull_request_review', 'submitted', ['review/approved', 'review/independent', 'plan/approved-edit']],
    ['check_run', 'completed', ['checks/green']],
    ['status', undefined, ['checks/green']],
    ['schedule', undefined, ['plan/missing-tick', 'plan/stale']],
  ])('wakes the rules that read %s %s', (name, action, ids) => {
    expect(rulesReading({ name, action }, config)).toEqual(ids)
  })

  it.each([
    ['pull_request', 'labeled'],
    ['pull_request', 'assigned'],
    ['pull_request_review', 'edited'],
    ['check_run', 'unheard_of'],
    ['star', 'created'],
    ['merge_group', 'destroyed'],
    ['issue_comment', 'created'],
    ['', undefined],
  ])('wakes nobody for %s %s', (name, action) => {
    expect(rulesReading({ name, action }, config)).toEqual([])
  })

  it('wakes nobody when the rules that read an event are off', () => {
    expect(rulesReading({ name: 'status' }, without(['checks/green']))).toEqual([])
    expect(rulesReading({ name: 'pull_request', action: 'opened' }, without(RULE_IDS))).toEqual([])
  })
})
