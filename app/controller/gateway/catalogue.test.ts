import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmulatedOllama, startOllama } from '../../../sandbox/ollama/start.ts'
import { createControllerBench, enginesAt, MODEL } from '../__support__/controller-bench.ts'

const HAS = 'mistral:7b-instruct-q5_K_M'

let ollama: EmulatedOllama
beforeAll(async () => {
  ollama = await startOllama({ models: [HAS] })
})
afterAll(() => ollama.stop())

test.each([
  ['where pods are rented, with nothing warm', undefined, [MODEL]],
  ['of an engine that somebody else runs', () => ollama.url, [HAS]],
] as const)('the models %s are those that can be had there', async (_, address, tags) => {
  const fixed = address === undefined ? {} : { fixedEngine: address() }
  const bench = createControllerBench({ engines: enginesAt(ollama.url), ...fixed })
  try {
    const { key } = await bench.key(['infer'])
    const ask = async (path: string) =>
      (await bench.app.request(path, { headers: { authorization: `Bearer ${key}` } })).json()
    const listed = tags.map((tag) => [expect.objectContaining({ id: tag }), expect.objectContaining({ name: tag })])
    expect(await ask('/v1/models')).toMatchObject({ data: listed.map(([model]) => model) })
    expect(await ask('/api/tags')).toMatchObject({ models: listed.map(([, model]) => model) })
  } finally {
    await bench.close()
  }
})
