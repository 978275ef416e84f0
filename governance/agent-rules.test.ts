import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../config/parse-policy-file.ts'
import { defaultConfig } from '../config/resolved-config.ts'
import { AGENT_RULE_PATHS, applyAgentRules, compareAgentRules } from './agent-rules.ts'

const config = defaultConfig()

describe('agent rules', () => {
  it('say what the policy says', async () => {
    await expect(applyAgentRules('AGENTS.md', null, config)).toMatchFileSnapshot('agent-rules.golden.md')
    expect(applyAgentRules('.cursor/rules/devloop.mdc', null, config)).toMatch(
      /^---\ndescription: .*\nalwaysApply: true\n---\n\n<!-- devloop:begin/u,
    )
  })

  it('leave everything else in the file alone, and change nothing the second time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...AGENT_RULE_PATHS),
        fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\r', '')),
        (path, text) => {
          const once = applyAgentRules(path, text, config)
          expect(applyAgentRules(path, once, config)).toBe(once)
          expect(once.startsWith(text.trim() === '' ? '' : text.trimEnd())).toBe(true)
          expect(compareAgentRules([{ path, text: once }], config)).toEqual([])
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('replace an old section in its place', () => {
    const old = applyAgentRules('AGENTS.md', '# Ours\n', config)
    const other = parsePolicyFile(
      'governance: {branches: {staging: null, feature: "work/{slug}"}, reviews: {approvals: 2}}',
    )
    if (!other.ok) throw new Error('the policy of this test is broken')
    const text = applyAgentRules('AGENTS.md', `${old}\n## After\n`, other.config)
    expect(text).toContain('# Ours\n\n<!-- devloop:begin')
    expect(text).toContain('`work/{slug}`')
    expect(text).toContain('2 approvals')
    expect(text.endsWith('<!-- devloop:end -->\n\n## After\n')).toBe(true)
  })

  it.each([
    ['missing', null, 'missing'],
    ['without a section', '# Ours\n', 'has no DevLoop section'],
    [
      'with an edited section',
      applyAgentRules('AGENTS.md', null, config).replace('needs 1 approval', 'needs no approval'),
      'differs',
    ],
  ])('tell a file that is %s', (_, text, why) => {
    expect(compareAgentRules([{ path: 'AGENTS.md', text }], config)).toEqual([{ path: 'AGENTS.md', why }])
  })

  it('take CRLF for LF', () => {
    const text = applyAgentRules('AGENTS.md', null, config).replaceAll('\n', '\r\n')
    expect(compareAgentRules([{ path: 'AGENTS.md', text }], config)).toEqual([])
  })
})
