import { expect, test } from 'vitest'
import { isAuthorized } from './token.ts'

test.each([
  ['Bearer secret', true],
  ['bearer secret', true],
  ['Bearer  secret', true],
  ['Bearer secre', false],
  ['Bearer secrett', false],
  ['Bearer ', false],
  ['Basic secret', false],
  ['secret', false],
  ['Bearer secret secret', false],
  [undefined, false],
])('%j is let in: %s', (header, expected) => {
  expect(isAuthorized(header, 'secret')).toBe(expected)
})

test('without a token of its own a guard lets nobody in', () => {
  for (const header of [undefined, '', 'Bearer ', 'Bearer null', 'Bearer x']) {
    expect(isAuthorized(header, null)).toBe(false)
    expect(isAuthorized(header, '')).toBe(false)
  }
})
