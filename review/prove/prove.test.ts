import { describe, expect, test } from 'vitest'
import { parseDiff } from '../diff/parse.ts'
import type { Proposal } from '../finding.ts'
import { type Proof, type ProofWorld, prover } from './prove.ts'

const headText = [
  'export function total(order: Order): number {',
  '  let sum = 0',
  '  for (const line of order.lines) {',
  '    sum += line.price',
  '    log(line)',
  '  }',
  '  return sum',
  '}',
  '',
].join('\n')

const files = parseDiff(
  [
    'diff --git a/src/a.ts b/src/a.ts',
    '--- a/src/a.ts',
    '+++ b/src/a.ts',
    '@@ -1,7 +1,8 @@',
    ' export function total(order: Order): number {',
    '   let sum = 0',
    '   for (const line of order.lines) {',
    '-    sum += line.price * line.count',
    '+    sum += line.price',
    '+    log(line)',
    '   }',
    '   return sum',
    ' }',
    '',
  ].join('\n'),
).files

const known = new Set(['total', 'order', 'lines', 'sum', 'price', 'log'])
const world: ProofWorld = {
  files,
  headText: (path) => (path === 'src/a.ts' ? headText : null),
  hasName: (name) => known.has(name),
  hasPath: (path) => path === 'src/log.ts',
  // Balanced braces are what this test means by parsing.
  parses: (_, text) => text.split('{').length === text.split('}').length,
}

const base: Proposal = {
  path: 'src/a.ts',
  line: 4,
  endLine: 4,
  severity: 'high',
  category: 'correctness',
  title: 'The count is ignored',
  body: 'The sum leaves out how many were ordered.',
  quote: 'sum += line.price',
  confidence: 0.9,
}

function prove(changes: Partial<Proposal>, other: Partial<ProofWorld> = {}): Proof {
  return prover({ ...world, ...other })({ ...base, ...changes })
}

describe('a proposal', () => {
  test('with a quote at its place becomes a finding unchanged', () => {
    expect(prove({})).toEqual({ kind: 'proved', notes: [], finding: { ...base, side: 'RIGHT', place: 'quoted' } })
  })

  test('whose quote stands elsewhere moves and says from where', () => {
    expect(prove({ line: 7, endLine: 7 })).toMatchObject({
      finding: { line: 4, endLine: 4, place: 'moved', confidence: 0.9 },
      notes: [{ kind: 'moved', fromPath: 'src/a.ts', fromLine: 7 }],
    })
  })

  test('whose quote stands nowhere keeps no line, half its confidence and no suggestion', () => {
    expect(prove({ quote: 'sum += tax(line)', suggestion: 'x' })).toEqual({
      kind: 'proved',
      finding: {
        ...base,
        quote: 'sum += tax(line)',
        line: null,
        endLine: null,
        side: 'RIGHT',
        place: 'unplaced',
        confidence: 0.45,
      },
      notes: [
        { kind: 'suggestion-refused', reason: 'unplaced' },
        { kind: 'unplaced', reason: 'not-found' },
      ],
    })
  })

  test('that names what the head does not have loses confidence', () => {
    expect(
      prove({ body: '`computeTax()` of `src/tax.ts` does that; `order.lines` and `src/log.ts` and `src/a.ts` exist.' }),
    ).toMatchObject({
      finding: { confidence: expect.closeTo(0.63) },
      notes: [{ kind: 'names-unknown', names: ['computeTax()', 'src/tax.ts'] }],
    })
  })

  test('may name what its own suggestion brings in', () => {
    expect(prove({ body: 'Use `line.amount`.', suggestion: '    sum += line.amount' })).toMatchObject({ notes: [] })
  })

  test('is not blamed for names nobody looked up', () => {
    expect(prove({ body: '`computeTax()` does that.' }, { hasName: () => null })).toMatchObject({ notes: [] })
  })

  test.each<[string, Partial<Proposal>, object]>([
    [
      'invented: no such quote and no such name',
      { quote: 'tax(line)', body: 'See `computeTax`.' },
      { reason: 'invented', names: ['computeTax'] },
    ],
    ['of a file outside the change', { path: 'src/other.ts' }, { reason: 'foreign', names: ['src/other.ts'] }],
    ['that says nothing', { title: '\u200b', body: ' ' }, { reason: 'empty', names: [] }],
  ])('is dropped when it is %s', (_, changes, expected) => {
    expect(prove(changes)).toMatchObject({ kind: 'dropped', ...expected })
  })

  test('leaves its invisible characters behind', () => {
    expect(prove({ title: 'a\u202Eb\u0000', body: 'x\u200By' })).toMatchObject({ finding: { title: 'ab', body: 'xy' } })
  })

  test('has a confidence between 0 and 1', () => {
    expect(prove({ confidence: 7 })).toMatchObject({ finding: { confidence: 1 } })
    expect(prove({ confidence: Number.NaN })).toMatchObject({ finding: { confidence: 0 } })
  })
})

describe('a suggestion', () => {
  test.each<[string, Partial<Proposal>, object]>([
    [
      'replaces its line',
      { suggestion: '    sum += line.price * line.count' },
      { line: 4, endLine: 4, suggestion: '    sum += line.price * line.count' },
    ],
    [
      'gets the indentation of its line',
      { suggestion: 'if (line.count > 0) {\n  sum += line.price\n}' },
      { suggestion: '    if (line.count > 0) {\n      sum += line.price\n    }' },
    ],
    ['loses its fence', { suggestion: '```ts\n    sum += 1\n```' }, { suggestion: '    sum += 1' }],
    [
      'loses the markers of a diff',
      { suggestion: '+    sum += 1\n+    log(sum)' },
      { suggestion: '    sum += 1\n    log(sum)' },
    ],
    [
      'does not repeat the lines around it',
      { suggestion: '  for (const line of order.lines) {\n    sum += line.price * 2\n    log(line)' },
      { line: 4, endLine: 4, suggestion: '    sum += line.price * 2' },
    ],
    [
      'covers all quoted lines that it rewrites',
      { quote: '    sum += line.price\n    log(line)', suggestion: '    sum += line.price * 2\n    log(line)' },
      { line: 4, endLine: 5, suggestion: '    sum += line.price * 2\n    log(line)' },
    ],
  ])('%s', (_, changes, expected) => {
    expect(prove(changes)).toMatchObject({ kind: 'proved', finding: expected, notes: [] })
  })

  test.each<[string, Partial<Proposal>, string]>([
    ['changes nothing', { suggestion: '    sum += line.price  ' }, 'changes-nothing'],
    ['breaks the file', { suggestion: '    if (line) {' }, 'breaks-syntax'],
    ['holds a fence', { suggestion: 'a\n```\n@everyone' }, 'breaks-fence'],
    ['hides characters', { suggestion: '    sum += line.price\u202E' }, 'hidden-characters'],
    ['would write a masked secret', { suggestion: '    const key = "[secret: GitHub token]"' }, 'masked'],
    ['is a page long', { suggestion: 'x\n'.repeat(100) }, 'too-long'],
    ['is empty', { suggestion: ' \n ' }, 'empty'],
    ['is about deleted code', { quote: 'sum += line.price * line.count', suggestion: 'x' }, 'deleted-code'],
  ])('that %s is refused and the finding stays', (_, changes, reason) => {
    const proof = prove(changes)
    expect(proof).toMatchObject({ kind: 'proved', notes: [{ kind: 'suggestion-refused', reason }] })
    if (proof.kind === 'proved') expect(proof.finding.suggestion).toBeUndefined()
  })

  test('is refused where the file at the head is not at hand', () => {
    expect(prove({ suggestion: 'x' }, { headText: () => null })).toMatchObject({ notes: [{ reason: 'no-head-text' }] })
  })

  test('need not parse where the file did not parse before', () => {
    expect(prove({ suggestion: '    if (line) {' }, { parses: () => false })).toMatchObject({ notes: [] })
  })
})
