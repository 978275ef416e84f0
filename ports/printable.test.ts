import fc from 'fast-check'
import { expect, it } from 'vitest'
import { printable } from './printable.ts'

it.each<[what: string, text: string, shown: string]>([
  ['clears the screen', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
  ['names the window', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
  ['hides a link', '\u001b]8;;https://evil.test\u001b\\x', '\\u001b]8;;https://evil.test\\u001b\\x'],
  ['clears the line', 'bad\r\u001b[2Kgood', 'bad\\u000d\\u001b[2Kgood'],
  ['writes over the line', 'evil\rgood', 'evil\\u000dgood'],
  ['speaks in one byte', '\u009b2J', '\\u009b2J'],
  ['turns the direction', 'a\u202Eb\u2066c', 'a\\u202eb\\u2066c'],
  ['hides letters', 'a\u{E0041}\u200Bb', 'a\\udb40\\udc41\\u200bb'],
  ['hides what it says', '\u001b[8mpsst', '\\u001b[8mpsst'],
])('what %s is written out', (_, text, shown) => {
  expect(printable(text, true)).toBe(shown)
})

it('our own colours stay where there are colours', () => {
  const own = '\u001b[31mred\u001b[39m'
  expect(printable(own, true)).toBe(own)
  expect(printable(own, false)).not.toContain('\u001b')
})

it('ordinary text stays, emoji and line ends included', () => {
  const text = 'naïve 日本 👩‍💻\r\n\tindented\n'
  expect(printable(text, true)).toBe(text)
})

it('JSON means the same after it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value)
      expect(JSON.stringify(JSON.parse(printable(json, false)))).toBe(json)
    }),
    { numRuns: 1_000 },
  )
})
