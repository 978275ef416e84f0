import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findPatchLine, parsePatch, sliceHunk } from './patch-lines.ts'

const patch = [
  '@@ -1,3 +1,3 @@ head',
  ' one',
  '-two',
  '+TWO',
  ' three',
  '@@ -10,2 +10,3 @@',
  ' ten',
  '+more',
  ' eleven',
  '\\ No newline at end of file',
].join('\n')

describe('the lines of a patch', () => {
  test.each([
    [2, 'LEFT', 2, '-two'],
    [2, 'RIGHT', 3, '+TWO'],
    [3, 'LEFT', 4, ' three'],
    [11, 'RIGHT', 7, '+more'],
    [11, 'LEFT', 8, ' eleven'],
    [12, 'RIGHT', 8, ' eleven'],
  ] as const)('line %i on the %s stands at position %i', (line, side, position, text) => {
    expect(findPatchLine(parsePatch(patch), line, side)).toMatchObject({ position, text })
  })

  test('lines between hunks are not part of the diff', () => {
    expect(findPatchLine(parsePatch(patch), 5, 'RIGHT')).toBeUndefined()
  })

  test('a hunk is shown down to the commented line', () => {
    const lines = parsePatch(patch)
    const last = findPatchLine(lines, 2, 'LEFT')
    expect(last && sliceHunk(lines, last)).toBe('@@ -1,3 +1,3 @@ head\n one\n-two')
  })

  test('numbers rise by one on each side, whatever the hunk holds', () => {
    const marks = fc.array(fc.constantFrom(' ', '+', '-'), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(marks, fc.nat(500), (kinds, offset) => {
        const text = [`@@ -${offset + 1},9 +${offset + 1},9 @@`, ...kinds.map((kind) => `${kind}x`)].join('\n')
        const lines = parsePatch(text)
        const numbers = (side: 'oldLine' | 'newLine') => lines.map((line) => line[side]).filter((line) => line !== null)
        for (const [side, other] of [
          ['oldLine', '+'],
          ['newLine', '-'],
        ] as const) {
          const count = kinds.filter((kind) => kind !== other).length
          expect(numbers(side)).toEqual(Array.from({ length: count }, (_, index) => offset + 1 + index))
        }
      }),
      { numRuns: 300 },
    )
  })
})
