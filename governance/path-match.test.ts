import fc from 'fast-check'
import picomatch from 'picomatch'
import { describe, expect, it } from 'vitest'
import { compilePath, matchesLogin, PathIndex } from './path-match.ts'

const segment = fc.constantFrom('src', 'a', 'b.ts', '.hidden', 'ä ö', '[x]', 'lib')
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const glob = fc
  .array(fc.constantFrom('src', 'a', '*', '**', '*.ts', '{a,lib}', 'b.ts', '.hidden'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))

describe('paths', () => {
  it('match as picomatch matches, and a plain folder holds what lies in it', () => {
    fc.assert(
      fc.property(path, glob, (candidate, pattern) => {
        const inFolder = !/[*?{]/u.test(pattern) && candidate.startsWith(`${pattern}/`)
        expect(compilePath(pattern).matches(candidate)).toBe(
          inFolder || picomatch.isMatch(candidate, pattern, { dot: true, nonegate: true }),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('are found in an index exactly where a look at each finds them', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 30 }), glob, (paths, pattern) => {
        const expected = [...new Set(paths)].filter((candidate) => compilePath(pattern).matches(candidate)).sort()
        expect(new PathIndex(paths).matching(pattern)).toEqual(expected)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('logins', () => {
  it.each([
    ['*[bot]', 'dependabot[bot]', true],
    ['*[bot]', 'bot', false],
    ['devloop[bot]', 'DevLoop[bot]', true],
    ['devloop[bot]', 'devloopb', false],
    ['ci-*-agent', 'ci-42-agent', true],
    ['ci-*-agent', 'ci-agent', false],
    ['*', 'anybody', true],
    ['a*a', 'a', false],
    ['', '', true],
  ])('%s matches %s: %s', (pattern, login, expected) => {
    expect(matchesLogin(pattern, login)).toBe(expected)
  })
})
