import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint } from './fingerprint.ts'

const base = { path: 'src/a.ts', category: 'correctness', quote: 'if (a <= b) {\n  return 1' } as const

describe('a fingerprint', () => {
  it('is twelve hexadecimal digits', () => {
    expect(fingerprint(base)).toMatch(/^[0-9a-f]{12}$/)
  })

  it.each([
    ['indentation', { quote: '\tif (a <= b) {\r\n\treturn 1' }],
    ['a closing semicolon', { quote: 'if (a <= b) {\n  return 1;' }],
  ])('does not change with %s', (_what, patch) => {
    expect(fingerprint({ ...base, ...patch })).toBe(fingerprint(base))
  })

  it.each([
    ['path', { path: 'src/b.ts' }],
    ['category', { category: 'security' as const }],
    ['code', { quote: 'if (a < b) {\n  return 1' }],
  ])('changes with the %s', (_what, patch) => {
    expect(fingerprint({ ...base, ...patch })).not.toBe(fingerprint(base))
  })

  it('never confuses where the path ends and the code begins', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (path, quote, otherPath, otherQuote) => {
        fc.pre(path !== otherPath)
        const left = fingerprint({ path, category: 'api', quote })
        expect(left).not.toBe(fingerprint({ path: otherPath, category: 'api', quote: otherQuote }))
      }),
      { numRuns: 300 },
    )
  })
})
