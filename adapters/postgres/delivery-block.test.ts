import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packTexts, unpackTexts } from './delivery-block.ts'

test('texts come back letter by letter, whatever they hold', () => {
  const text = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0'))
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (texts) => {
      expect(unpackTexts(packTexts(texts))).toEqual(texts.map((each) => each.toWellFormed()))
    }),
    { numRuns: 100 },
  )
})

test('texts that are alike become much less', () => {
  const texts = Array.from({ length: 50 }, (_, n) => JSON.stringify({ n, repository: 'acme/shop '.repeat(100) }))
  expect(packTexts(texts).length).toBeLessThan(texts.join('').length / 20)
})
