import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parserOf } from './parser.ts'
import { PARSERS } from './parsers.ts'
import { slowLengthOf } from './slow-length.ts'

const RUNS = 100

/** Signs that open something within something, again and again. */
const DEEP_PIECES = [
  '[',
  ']',
  '{',
  '}',
  '> ',
  '- ',
  '1. ',
  '? ',
  ': ',
  '<!--',
  ' ',
  '```\n',
  '@@ -1 +1 @@\n',
  '/infer ',
]

describe('what strangers send', () => {
  it.each(PARSERS)('$name: is read or refused by a coded error, and pollutes nothing', async ({ fuzz }) => {
    expect(await fuzz(RUNS, 20_261_121)).toBeNull()
  })

  it.each(PARSERS.filter(({ readText }) => readText !== null))(
    '$name: no page of one sign takes long',
    async (parser) => {
      const slow: string[] = []
      for (const piece of DEEP_PIECES) {
        const length = parser.readText === null ? null : await slowLengthOf(parser.readText, piece)
        if (length !== null) slow.push(`${length} of ${JSON.stringify(piece)}`)
      }
      expect(slow).toEqual([])
    },
  )
})

describe('the attack itself', () => {
  it('finds a parser that throws what has no code', async () => {
    const careless = parserOf('careless', fc.json(), (text) => JSON.parse(text).a.b.c, null)
    expect(await careless.fuzz(RUNS, 1)).toContain('TypeError')
  })

  it('finds a parser that takes too long', async () => {
    const slow = async (text: string) => {
      if (text.length < 4_000) return
      const before = process.cpuUsage()
      for (let sum = 0; process.cpuUsage(before).user < 2_100_000; )
        for (let turn = 0; turn < 20_000_000 && sum >= 0; turn++) sum += Math.sqrt(turn)
    }
    expect(await slowLengthOf(slow, 'x')).not.toBeNull()
  }, 60_000)
})
