import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RULE_IDS } from '../config/rule-ids.ts'
import { renderConfigurationReference } from './configuration-reference.ts'
import { renderControllerReference } from './controller-reference.ts'
import { withGeneratedRegion } from './generated-region.ts'
import { renderRulesTable } from './rules-table.ts'

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', 'docs', name), 'utf8')

describe('the generated references (node scripts/references.ts)', () => {
  it('of the configuration is what the schema gives', () => {
    expect(read('configuration.md')).toBe(renderConfigurationReference())
  })

  it('of the controller is what its OpenAPI document gives', async () => {
    const page = read('controller.md')
    expect(page).toBe(withGeneratedRegion(page, await renderControllerReference()))
  })

  it('of the rules is what the rules give', () => {
    const page = read('rules.md')
    expect(page).toBe(withGeneratedRegion(page, renderRulesTable()))
  })

  it('a page without marks is refused', () => {
    expect(() => withGeneratedRegion('# Page', 'x')).toThrow('no region')
  })
})

describe('docs/rules.md', () => {
  const sections = read('rules.md').split(/^### /mu).slice(1)

  it.each(RULE_IDS)('shows %s red and green', (id) => {
    const section = sections.find((text) => text.startsWith(`\`${id}\`\n`))
    expect(section, `a section "### \`${id}\`"`).toBeDefined()
    expect(section).toMatch(/^\*\*Red:\*\* /mu)
    expect(section).toMatch(/^\*\*Green:\*\* /mu)
  })

  it('has no section for a rule that is none', () => {
    const named = sections.flatMap((text) => /^`([\w/-]+)`\n/u.exec(text)?.[1] ?? [])
    expect(named.sort()).toEqual([...RULE_IDS].sort())
  })
})
