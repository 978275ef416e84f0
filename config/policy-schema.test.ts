import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { policySchema } from './policy-schema.ts'
import { configWithoutFile, defaultConfig } from './resolved-config.ts'
import { RULE_DEFAULTS, RULE_IDS } from './rule-ids.ts'

describe('the schema of devloop.yml', () => {
  it('knows the 25 rules and gives each its own default level', () => {
    expect(RULE_IDS).toHaveLength(25)
    const { rules } = defaultConfig().governance
    for (const id of RULE_IDS) expect(rules[id]).toBe(RULE_DEFAULTS[id].level)
  })

  it('keeps money as whole micro-dollars', () => {
    const config = defaultConfig()
    expect(config.fleet.maxMicroUsdPerHour).toBe(800_000)
    expect(config.budget).toEqual({
      perJobMicroUsd: 1_000_000,
      perDayMicroUsd: 10_000_000,
      perMonthMicroUsd: 100_000_000,
      perUserJobsPerDay: 20,
      perUserConcurrent: 2,
    })
  })

  it('only logs without a file', () => {
    const config = configWithoutFile()
    expect(config.source).toBe('absent')
    expect(new Set(Object.values(config.governance.rules))).toEqual(new Set(['log']))
  })

  it.each([
    ['a folder that climbs out', { governance: { plan: { dir: '../elsewhere' } } }],
    ['an absolute folder', { governance: { plan: { dir: '/etc' } } }],
    ['a folder with a trailing slash', { governance: { plan: { dir: 'DEV_MAN/' } } }],
    ['an idle spend above everything', { fleet: { idle: { spendTarget: 1.5 } } }],
    ['a negative budget', { budget: { perDayUsd: -1 } }],
    ['a model that is a sentence', { review: { model: 'the best model' } }],
    ['a pattern that could run for ever', { governance: { branches: { exempt: ['*'.repeat(21)] } } }],
    ['another format version', { version: 2 }],
    ['everybody as an onlooker', { access: { dashboard: ['*'] } }],
    ['an onlooker of no kind', { access: { dashboard: ['ada'] } }],
    ['a report outside its repository', { report: { path: '../2026.md' } }],
    ['a report that is no Markdown', { report: { path: 'index.html' } }],
    ['a report in half a repository', { report: { repository: 'acme' } }],
  ])('refuses %s', (_, input) => {
    expect(policySchema.safeParse(input).success).toBe(false)
  })

  it('lets members of the organization look on, and whoever is named', () => {
    expect(defaultConfig().access.dashboard).toEqual(['members'])
    const dashboard = ['@acme/payers', '@grace', 'members']
    expect(policySchema.parse({ access: { dashboard } }).access.dashboard).toEqual(dashboard)
  })

  it('is the checked-in JSON Schema for editors (vitest -u writes it anew)', async () => {
    const schema = z.toJSONSchema(policySchema, { io: 'input' })
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('./devloop.schema.json')
  })
})
