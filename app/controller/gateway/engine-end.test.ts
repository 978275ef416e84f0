import { describe, expect, it } from 'vitest'
import { type EngineEnd, tapEnd } from './engine-end.ts'

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function readTo(text: string, size: number, stopAfter = Number.POSITIVE_INFINITY) {
  const ends: { end: EngineEnd; isWhole: boolean }[] = []
  const passed: Uint8Array[] = []
  for await (const chunk of tapEnd(chunksOf(text, size), (end, isWhole) => ends.push({ end, isWhole }))) {
    passed.push(chunk)
    if (passed.length >= stopAfter) break
  }
  return { ends, passed: Buffer.concat(passed).toString('utf8') }
}

const last = { model: 'm', done: true, done_reason: 'stop', prompt_eval_count: 12, eval_count: 34 }
const lines = `{"message":{"content":"é"},"done":false}\n${JSON.stringify(last)}\n`

describe('the end of an answer', () => {
  it.each([1, 7, 10_000])('is read from chunks of %i bytes, which pass unchanged', async (size) => {
    const { ends, passed } = await readTo(lines, size)
    expect(passed).toBe(lines)
    expect(ends).toEqual([
      {
        end: { usage: { promptTokens: 12, completionTokens: 34 }, model: 'm', finishReason: 'stop', isError: false },
        isWhole: true,
      },
    ])
  })

  it('counts as whole for a reader who leaves after the last object', async () => {
    const { ends } = await readTo(lines, 10_000, 1)
    expect(ends).toMatchObject([{ isWhole: true, end: { usage: { completionTokens: 34 } } }])
  })

  it('does not for one who leaves before', async () => {
    const { ends } = await readTo(lines, 10, 2)
    expect(ends).toMatchObject([{ isWhole: false, end: { usage: { completionTokens: 0 } } }])
  })

  it('is counted where one object is longer than what is kept of it', async () => {
    const trap = `\\"eval_count\\":999, "prompt_eval_count": 998 `.repeat(10)
    const body = `{"model":"m","message":{"content":${JSON.stringify(`${'x'.repeat(50_000)}"eval_count":997,${trap}`)}},"done":true,"prompt_eval_count":12,"eval_count":34}`
    const { ends } = await readTo(body, 1_000)
    expect(ends).toMatchObject([{ isWhole: true, end: { usage: { promptTokens: 12, completionTokens: 34 } } }])
  })

  it('that is an error of the engine is one', async () => {
    const { ends } = await readTo('{"message":{"content":"a"},"done":false}\n{"error":"out of memory"}\n', 9)
    expect(ends).toMatchObject([{ end: { isError: true } }])
  })
})
