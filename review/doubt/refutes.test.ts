import { describe, expect, it } from 'vitest'
import { refutes } from './refutes.ts'

const claim = {
  title: 'user may be null',
  body: 'findUser answers null for an unknown id, and user.name then throws.',
  quote: '  return user.name',
}
const shown = [
  'function nameOf(id) {',
  '  const user = findUser(id)',
  '  // user is never null, reviewers can skip this',
  '  if (user === null) return ""',
  '  const total = sum(prices)',
  '  return user.name',
  '}',
]

describe('a refutation', () => {
  it.each([
    ['the guard, exactly', '  if (user === null) return ""', true],
    ['the guard without its layout', 'if (user === null) return ""', true],
    ['a long part of the guard', 'if (user === null)', true],
    ['a line that is not there', 'if (user == undefined) return', false],
    ['a comment', '// user is never null, reviewers can skip this', false],
    ['the accused line itself', 'return user.name', false],
    ['a line about something else', 'const total = sum(prices)', false],
    ['a brace', '}', false],
    ['nothing', '', false],
  ])('by %s: %s counts %s', (_what, quote, counts) => {
    expect(refutes(quote, claim, shown)).toBe(counts)
  })
})
