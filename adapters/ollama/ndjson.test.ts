import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readNdjson } from './ndjson.ts'

async function valuesOf(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const values: unknown[] = []
  for await (const value of readNdjson(toStream(chunks))) values.push(value)
  return values
}

async function* toStream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

test('chunk borders change nothing: inside a character, inside a line, several lines in one, empty lines, no last line feed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ text: fc.string({ unit: 'grapheme' }), done: fc.boolean() }), { maxLength: 8 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      fc.boolean(),
      fc.constantFrom('\n', '\n\n', '\r\n', '\n \n'),
      async (objects, cuts, endsWithLineFeed, separator) => {
        const text = objects.map((object) => JSON.stringify(object)).join(separator) + (endsWithLineFeed ? '\n' : '')
        const bytes = new TextEncoder().encode(text)
        const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length]
        const chunks = borders.slice(1).map((border, index) => bytes.slice(borders[index], border))
        expect(await valuesOf(chunks)).toEqual(objects)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('a line that is not JSON is unreadable', async () => {
  await expect(valuesOf([new TextEncoder().encode('{"a":1}\nnonsense\n')])).rejects.toMatchObject({
    code: 'unreadable',
  })
})

test('an endless line is refused before it fills the memory', async () => {
  const chunk = new TextEncoder().encode('x'.repeat(1024 * 1024))
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield chunk
  }
  const read = async () => {
    for await (const _ of readNdjson(endless()));
  }
  await expect(read()).rejects.toMatchObject({ code: 'reply-too-large' })
})
