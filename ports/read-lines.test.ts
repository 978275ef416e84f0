import { expect, test } from 'vitest'
import { readLines } from './read-lines.ts'

async function linesOf(chunks: readonly string[], maxChars?: number): Promise<string[]> {
  const lines: string[] = []
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk, 'latin1')
  }
  for await (const line of readLines(bytes(), maxChars)) lines.push(line)
  return lines
}

const EURO = Buffer.from('€').toString('latin1')

test.each([
  ['two lines in one chunk', ['a\nb\n'], ['a', 'b']],
  ['a line in three chunks', ['a', 'b', 'c\n'], ['abc']],
  ['a character in two chunks', [EURO.slice(0, 1), `${EURO.slice(1)}\n`], ['€']],
  ['a last line without a line feed', ['a\nb'], ['a', 'b']],
  ['empty lines, which are left out', ['\n \r\na \n\n'], ['a ']],
  ['nothing', [], []],
])('%s', async (_, chunks, lines) => {
  expect(await linesOf(chunks)).toEqual(lines)
})

test('a line past the limit ends it, however many lines came before', async () => {
  expect(await linesOf(['ab\n', 'cd\n'], 3)).toEqual(['ab', 'cd'])
  await expect(linesOf(['ab\n', 'cdef'], 3)).rejects.toThrow(RangeError)
})
