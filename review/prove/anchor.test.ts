import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commentableLines } from '../diff/commentable.ts'
import type { ChangedFile } from '../diff/model.ts'
import { parseDiff } from '../diff/parse.ts'
import type { Proposal } from '../finding.ts'
import { type Anchor, anchorOf } from './anchor.ts'
import { indexPlaces } from './places.ts'

function filesOf(...hunks: string[]): readonly ChangedFile[] {
  return parseDiff(['diff --git a/src/a.ts b/src/a.ts', '--- a/src/a.ts', '+++ b/src/a.ts', ...hunks, ''].join('\n'))
    .files
}

function proposal(changes: Partial<Proposal>): Proposal {
  const line = changes.line ?? 1
  return {
    path: 'src/a.ts',
    line,
    endLine: line,
    severity: 'high',
    category: 'correctness',
    title: 'A title',
    body: 'A body',
    quote: '',
    confidence: 0.8,
    ...changes,
  }
}

function place(files: readonly ChangedFile[], changes: Partial<Proposal>): string {
  const anchor = anchorOf(proposal(changes), indexPlaces(files))
  if (anchor.kind === 'foreign') return 'foreign'
  if (anchor.kind === 'unplaced') return `unplaced ${anchor.reason}`
  const { side, line, endLine, path } = anchor.place
  return `${anchor.kind} ${side} ${line}-${endLine}${path === 'src/a.ts' ? '' : ` ${path}`}`
}

const loop = [
  '@@ -10,7 +10,8 @@ function total(order) {',
  '   let sum = 0',
  '   for (const line of order.lines) {',
  '-    sum += line.price',
  '+    sum += line.price * line.count',
  '+    log(line)',
  '   }',
  '   log(order)',
  ' ',
  '   return sum',
].join('\n')

describe('a quote', () => {
  test.each<[string, Partial<Proposal>, string]>([
    ['that stands at its line stays', { line: 12, quote: '    sum += line.price * line.count' }, 'quoted RIGHT 12-12'],
    ['with other white space stays', { line: 12, quote: 'sum  +=\tline.price * line.count \r' }, 'quoted RIGHT 12-12'],
    [
      'with marker and number stays',
      { line: 12, quote: '12+    sum += line.price * line.count' },
      'quoted RIGHT 12-12',
    ],
    ['in backticks stays', { line: 12, quote: '`sum += line.price * line.count`' }, 'quoted RIGHT 12-12'],
    ['in a fence stays', { line: 12, quote: '```ts\nsum += line.price * line.count\n```' }, 'quoted RIGHT 12-12'],
    ['that is part of its line stays', { line: 12, quote: 'line.price * line.count' }, 'quoted RIGHT 12-12'],
    [
      'of several lines keeps the line named',
      { line: 13, quote: 'sum += line.price * line.count\nlog(line)' },
      'quoted RIGHT 13-13',
    ],
    ['inside the lines named keeps them', { line: 11, endLine: 14, quote: 'log(line)' }, 'quoted RIGHT 11-14'],
    ['over a blank line is found', { line: 15, quote: 'log(order)\nreturn sum' }, 'quoted RIGHT 15-15'],
    ['beside the line named moves', { line: 10, quote: 'log(line)' }, 'moved RIGHT 13-13'],
    ['of deleted code goes to the base', { line: 12, quote: '    sum += line.price' }, 'quoted LEFT 12-12'],
    [
      'of deleted and added lines together goes nowhere',
      { line: 12, quote: '-    sum += line.price\n+    sum += line.price * line.count' },
      'unplaced not-found',
    ],
    ['that stands nowhere has no place', { line: 12, quote: 'sum += tax' }, 'unplaced not-found'],
    ['with another case has no place', { line: 12, quote: 'SUM += line.price * line.count' }, 'unplaced not-found'],
    ['that is missing has no place', { line: 12, quote: '  ' }, 'unplaced no-quote'],
    ['too short to be part of a line has no place', { line: 12, quote: 'line' }, 'unplaced not-found'],
    ['whose range leaves the hunk ends with it', { line: 16, endLine: 40, quote: 'return sum' }, 'quoted RIGHT 16-17'],
    ['of a path the diff does not have is foreign', { path: 'src/b.ts', line: 12, quote: 'log(line)' }, 'foreign'],
    ['of a path with a prefix stays', { path: 'b/src/a.ts', line: 13, quote: 'log(line)' }, 'quoted RIGHT 13-13'],
    ['of the end of a path stays', { path: 'a.ts', line: 13, quote: 'log(line)' }, 'quoted RIGHT 13-13'],
    [
      'long enough moves even from another path',
      { path: 'src/b.ts', line: 1, quote: 'sum += line.price * line.count' },
      'moved RIGHT 12-12',
    ],
  ])('%s', (_, changes, expected) => {
    expect(place(filesOf(loop), changes)).toBe(expected)
  })
})

describe('torture', () => {
  const twins = [
    '@@ -0,0 +1,9 @@',
    ...['if (a) {', '  close()', '}', 'if (b) {', '  close()', '}', 'if (c) {', '  close()', '}'].map(
      (line) => `+${line}`,
    ),
  ].join('\n')
  const movedBlock = [
    '@@ -1,4 +1,1 @@',
    ' head',
    '-function moved() {',
    '-  return compute(input)',
    '-}',
    '@@ -50,1 +47,4 @@',
    ' tail',
    '+function moved() {',
    '+  return compute(input)',
    '+}',
  ].join('\n')
  const deletions = ['@@ -5,4 +5,2 @@', ' open()', '-  check(user)', '-  audit(user)', ' close()'].join('\n')

  test.each<[string, string, Partial<Proposal>, string]>([
    ['a duplicate line stays where it is named', twins, { line: 5, quote: 'close()' }, 'quoted RIGHT 5-5'],
    [
      'a duplicate line near the one named moves there',
      twins,
      { line: 9, endLine: 9, quote: '  close()' },
      'moved RIGHT 8-8',
    ],
    [
      'a duplicate line far from the one named is ambiguous',
      twins,
      { line: 90, quote: '  close()' },
      'unplaced ambiguous',
    ],
    [
      'a moved block belongs where it was added',
      movedBlock,
      { line: 30, quote: '  return compute(input)' },
      'moved RIGHT 49-49',
    ],
    [
      'a moved block stays where it was added',
      movedBlock,
      { line: 49, quote: '  return compute(input)' },
      'quoted RIGHT 49-49',
    ],
    [
      'a moved block stays where it was deleted',
      movedBlock,
      { line: 3, quote: '  return compute(input)' },
      'quoted LEFT 3-3',
    ],
    ['deleted lines are named at the base', deletions, { line: 6, quote: 'check(user)' }, 'quoted LEFT 6-6'],
    [
      'deleted lines with unchanged ones stay at the base',
      deletions,
      { line: 6, quote: 'check(user)\naudit(user)\nclose()' },
      'quoted LEFT 6-6',
    ],
    [
      'lines that meet after a deletion are found at the head',
      deletions,
      { line: 5, quote: 'open()\nclose()' },
      'quoted RIGHT 5-5',
    ],
    [
      'CRLF changes nothing',
      loop.replaceAll('\n', '\r\n').replace(/^(@@.*)\r/, '$1'),
      { line: 13, quote: 'log(line)' },
      'quoted RIGHT 13-13',
    ],
    [
      'unicode is compared as it is',
      '@@ -1 +1 @@\n-ä\n+const größe = "日本語 🎉"',
      { line: 1, quote: 'const größe = "日本語 🎉"' },
      'quoted RIGHT 1-1',
    ],
  ])('%s', (_, hunks, changes, expected) => {
    expect(place(filesOf(hunks), changes)).toBe(expected)
  })

  // Few distinct lines, so that most stand many times, some only as deleted ones.
  const code = fc.constantFrom(
    '}',
    '',
    '  return null',
    '  }',
    'const total = sum(order.lines)',
    'total\r',
    '日本 = 1',
    '\tlog(user)',
  )
  const marked = fc.tuple(fc.constantFrom('+', '-', ' '), code).map(([mark, text]) => mark + text)
  const hunkLines = fc.array(marked, { minLength: 1, maxLength: 12 })
  const change = fc.array(hunkLines, { minLength: 1, maxLength: 4 }).map((hunks) => {
    let old = 1
    let now = 1
    const texts = hunks.map((lines) => {
      const oldCount = lines.filter((line) => !line.startsWith('+')).length
      const newCount = lines.filter((line) => !line.startsWith('-')).length
      const header = `@@ -${oldCount === 0 ? old - 1 : old},${oldCount} +${newCount === 0 ? now - 1 : now},${newCount} @@`
      old += oldCount + 20
      now += newCount + 20
      return [header, ...lines].join('\n')
    })
    return filesOf(...texts)
  })

  function targets(files: readonly ChangedFile[]) {
    return files.flatMap((file) => commentableLines(file)).filter((line) => line.text.trim() !== '')
  }

  function isInside(files: readonly ChangedFile[], anchor: Anchor): boolean {
    if (anchor.kind === 'foreign' || anchor.kind === 'unplaced') return true
    const { path, side, line, endLine } = anchor.place
    const hunk = files
      .find((file) => file.path === path)
      ?.hunks.find(({ oldStart, oldCount, newStart, newCount }) => {
        const [start, count] = side === 'RIGHT' ? [newStart, newCount] : [oldStart, oldCount]
        return line >= start && line < start + count
      })
    if (hunk === undefined || endLine < line) return false
    return endLine < (side === 'RIGHT' ? hunk.newStart + hunk.newCount : hunk.oldStart + hunk.oldCount)
  }

  test('a finding is never placed outside the diff', () => {
    fc.assert(
      fc.property(
        change,
        fc.array(code, { maxLength: 3 }),
        fc.integer({ min: -5, max: 120 }),
        fc.nat(40),
        (files, quote, line, length) => {
          const anchor = anchorOf(
            proposal({ line, endLine: line + length, quote: quote.join('\n') }),
            indexPlaces(files),
          )
          expect(isInside(files, anchor)).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('an exact quote at its number is at its line, duplicates or not', () => {
    let placed = 0
    let right = 0
    fc.assert(
      fc.property(change, fc.nat(), (files, pick) => {
        const lines = targets(files)
        const target = lines[pick % Math.max(1, lines.length)]
        if (target === undefined) return
        // The head wins where both sides have the same text under the same number: that is the right line, too.
        const isShadowed =
          target.side === 'LEFT' &&
          lines.some(
            (line) => line.side === 'RIGHT' && line.line === target.line && line.text.trim() === target.text.trim(),
          )
        if (isShadowed) return
        const anchor = anchorOf(proposal({ line: target.line, quote: target.text }), indexPlaces(files))
        placed++
        if (anchor.kind === 'quoted' && anchor.place.line === target.line && anchor.place.side === target.side) right++
      }),
      { numRuns: 1000 },
    )
    expect(placed).toBeGreaterThan(500)
    expect(right / placed).toBeGreaterThanOrEqual(0.99)
  })

  test('an exact quote that stands once is at its line whatever number was named', () => {
    fc.assert(
      fc.property(change, fc.nat(), fc.integer({ min: 1, max: 200 }), (files, pick, line) => {
        const lines = targets(files)
        const unique = lines.filter(
          (one) => lines.filter((other) => other.text.trim() === one.text.trim()).length === 1,
        )
        const target = unique[pick % Math.max(1, unique.length)]
        // A shorter text may also be a part of other lines; whole lines are preferred.
        if (target === undefined) return
        const anchor = anchorOf(proposal({ line, quote: target.text }), indexPlaces(files))
        expect(anchor).toMatchObject({ place: { side: target.side, line: target.line } })
      }),
      { numRuns: 1000 },
    )
  })
})
