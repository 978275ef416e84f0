import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDiff } from '../diff/parse.ts'
import { categories, severities } from '../finding.ts'
import { inputHash } from './input-hash.ts'
import { defaultConfig } from '../../config/resolved-config.ts'
import { lineKeysOf, wasSeen } from './line-keys.ts'
import { type EarlierFinding, emptyMemory, type Memory } from './memory.ts'
import { mergeDuplicates } from './merge.ts'
import { type RankRules, rank } from './rank.ts'
import type { VotedFinding } from './ranked.ts'

const base: VotedFinding = {
  id: '0123456789ab',
  path: 'src/a.ts',
  line: 10,
  endLine: 10,
  side: 'RIGHT',
  place: 'quoted',
  severity: 'medium',
  category: 'correctness',
  title: 'The loop runs one past the end',
  body: '',
  quote: 'for (let i = 0; i <= n; i++) {',
  confidence: 0.8,
  votes: { said: 1, passes: 1 },
}
const earlier: EarlierFinding = { ...base, suggestion: 'for (let i = 0; i < n; i++) {' }

function ranked(findings: readonly VotedFinding[], patch: Partial<RankRules> & { readonly memory?: Memory } = {}) {
  return rank(findings, { minSeverity: 'medium', maxFindings: 5, memory: emptyMemory, stands: () => true, ...patch })
}
function reasonsOf(findings: readonly VotedFinding[], patch: Parameters<typeof ranked>[1] = {}) {
  return ranked(findings, patch).suppressed.map(({ reason }) => reason)
}

describe('ranking', () => {
  it('posts the heaviest at their lines and folds the rest', () => {
    const many = severities.map(
      (severity, index): VotedFinding => ({
        ...base,
        id: `${index}`,
        severity,
        line: index * 10,
        endLine: index * 10,
        quote: severity,
      }),
    )
    const { inline, folded } = ranked(many, { minSeverity: 'low', maxFindings: 2 })
    expect(inline.map(({ severity }) => severity)).toEqual(['critical', 'high'])
    expect(folded.map(({ severity }) => severity)).toEqual(['medium', 'low'])
  })

  it('never puts a finding without a line at a line', () => {
    const { inline, folded } = ranked([{ ...base, line: null, endLine: null, place: 'unplaced' }])
    expect([inline.length, folded.length]).toEqual([0, 1])
  })

  it('loses no finding: each is inline, folded or held back with a reason', () => {
    const finding = fc.record({
      line: fc.option(fc.integer({ min: 1, max: 5 })),
      severity: fc.constantFrom(...severities),
      category: fc.constantFrom(...categories),
      quote: fc.constantFrom('a()', 'b()', 'c()'),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 12 }), fc.integer({ min: 0, max: 4 }), (patches, maxFindings) => {
        const findings = patches.map(
          (patch, index): VotedFinding => ({ ...base, ...patch, endLine: patch.line, id: `f${index}` }),
        )
        const merged = mergeDuplicates(findings)
        const { inline, folded, suppressed } = ranked(findings, { maxFindings })
        expect(inline.length + folded.length + suppressed.length).toBe(merged.length)
        expect(inline.length).toBeLessThanOrEqual(maxFindings)
        const again = ranked([...findings].reverse(), { maxFindings })
        expect(again.inline.map(({ id }) => id)).toEqual(inline.map(({ id }) => id))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('duplicates', () => {
  it.each<[string, Partial<VotedFinding>, number]>([
    ['of the same line and category', { title: 'Something else entirely' }, 1],
    ['of the same line with like titles', { category: 'security', title: 'The loop runs past the end' }, 1],
    ['of another line', { line: 99, endLine: 99 }, 2],
    ['of another file', { path: 'src/b.ts' }, 2],
    ['of the same line about something else', { category: 'security', title: 'A token is logged' }, 2],
  ])('%s are one finding or two', (_what, patch, count) => {
    expect(mergeDuplicates([base, { ...base, ...patch }])).toHaveLength(count)
  })

  it('keep the more severe wording and the only suggestion', () => {
    const [kept] = mergeDuplicates([
      { ...base, suggestion: 'x' },
      { ...base, severity: 'critical', title: 'Worse' },
    ])
    expect(kept).toMatchObject({ severity: 'critical', title: 'Worse', suggestion: 'x' })
  })

  it('of equal code in two places are told apart by their ids', () => {
    expect(mergeDuplicates([base, { ...base, line: 40, endLine: 40 }]).map(({ id }) => id)).toEqual([
      '0123456789ab',
      '0123456789ab-2',
    ])
  })
})

describe('a finding is held back', () => {
  const remembered: Memory = { ...emptyMemory, rounds: 1, earlier: [earlier] }
  const other = { ...base, id: 'ffffffffffff', category: 'api' as const }

  it.each<[string, readonly VotedFinding[], Memory | undefined, string]>([
    ['that is too mild', [{ ...base, severity: 'low' }], undefined, 'below-minimum'],
    [
      'that was dismissed',
      [base],
      { ...emptyMemory, dismissals: [{ id: base.id, because: 'dismissed by ann', isSettled: true }] },
      'dismissed',
    ],
    [
      'that was dismissed under another category',
      [other],
      { ...remembered, dismissals: [{ id: base.id, because: 'x', isSettled: false }] },
      'dismissed',
    ],
    ['that was said before', [base], remembered, 'said-before'],
    ['that was said before in another category', [other], remembered, 'said-before'],
    ['that few passes made', [{ ...base, votes: { said: 1, passes: 3 } }], undefined, 'outvoted'],
  ])('%s', (_what, findings, memory, reason) => {
    expect(
      reasonsOf(
        findings,
        memory === undefined
          ? {}
          : { memory: { ...memory, earlier: memory.earlier.map(({ suggestion: _, ...rest }) => rest) } },
      ),
    ).toEqual([reason])
  })

  it('that speaks against a suggestion people took', () => {
    const taken = {
      ...base,
      id: 'ffffffffffff',
      quote: 'for (let i = 0; i < n; i++) {',
      title: 'The last turn is missing',
    }
    expect(reasonsOf([taken], { memory: remembered })).toEqual(['contradicts-accepted'])
    const back = { ...taken, severity: 'high' as const, suggestion: 'for (let i = 0; i <= n; i++) {' }
    expect(reasonsOf([back], { memory: remembered })).toEqual(['contradicts-accepted'])
    expect(reasonsOf([{ ...taken, severity: 'high' }], { memory: remembered })).toEqual([])
    expect(reasonsOf([taken], { memory: remembered, stands: () => false })).toEqual([])
  })

  it('in a later round about lines seen before, unless it is severe', () => {
    const { files } = parseDiff(
      'diff --git a/src/a.ts b/src/a.ts\n--- a/src/a.ts\n+++ b/src/a.ts\n@@ -0,0 +1 @@\n+for (let i = 0; i <= n; i++) {\n',
    )
    const memory = { ...emptyMemory, rounds: 1, seen: lineKeysOf(files, () => true) }
    expect(reasonsOf([base], { memory })).toEqual(['seen-before'])
    expect(reasonsOf([{ ...base, severity: 'high' }], { memory })).toEqual([])
    expect(reasonsOf([{ ...base, quote: 'for (let i = 0; i <= m; i++) {' }], { memory })).toEqual([])
    expect(reasonsOf([base], { memory: { ...memory, seen: lineKeysOf(files, () => false) } })).toEqual([])
    expect(wasSeen(memory.seen, 'src/b.ts', base.quote)).toBe(false)
  })
})

describe('earlier findings', () => {
  it('are fixed when their code is gone, still open when not, neither when dismissed', () => {
    const memory: Memory = {
      ...emptyMemory,
      rounds: 1,
      earlier: [earlier, { ...earlier, id: 'b', quote: 'gone()' }, { ...earlier, id: 'c', quote: 'gone()' }],
      dismissals: [{ id: 'c', because: 'x', isSettled: true }],
    }
    const { fixed, stillOpen } = ranked([], { memory, stands: (_path, code) => code !== 'gone()' })
    expect([fixed.map(({ id }) => id), stillOpen.map(({ id }) => id)]).toEqual([['b'], [base.id]])
  })
})

describe('a thumb down or a resolved thread', () => {
  const dismissals = [{ id: base.id, because: '👎 from ben', isSettled: false }]
  const later = (severity: 'high' | 'medium', stands: boolean) =>
    ranked([], {
      memory: { ...emptyMemory, rounds: 1, earlier: [{ ...earlier, severity }], dismissals },
      stands: () => stands,
    })

  it('leaves a severe finding open, and ends a milder one', () => {
    expect(later('high', true).stillOpen).toMatchObject([{ id: base.id, setAsideBecause: '👎 from ben' }])
    expect(later('medium', true).stillOpen).toEqual([])
  })

  it('does not hide that the code is gone', () => {
    expect(later('high', false).fixed).toMatchObject([{ id: base.id }])
    expect(later('high', false).stillOpen).toEqual([])
  })
})

describe('the hash of the input', () => {
  const diff = (start: number, text: string) =>
    parseDiff(`diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -${start},0 +${start} @@\n+${text}\n`)
  const settings = { config: defaultConfig().review, model: 'm', focus: null, guidelines: [] }

  it('stays when a rebase only moves the change, and goes with anything else', () => {
    const hash = inputHash(diff(1, 'x'), settings)
    expect(inputHash(diff(50, 'x'), settings)).toBe(hash)
    expect(inputHash(diff(1, 'y'), settings)).not.toBe(hash)
    expect(inputHash(diff(1, 'x'), { ...settings, model: 'n' })).not.toBe(hash)
    expect(inputHash(diff(1, 'x'), { ...settings, focus: 'speed' })).not.toBe(hash)
    expect(inputHash(diff(1, 'x'), { ...settings, guidelines: ['rule'] })).not.toBe(hash)
  })
})
