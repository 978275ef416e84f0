import { expect, test } from 'vitest'
import type { Fetch, StreamedReply } from '../../ports/fetch.ts'
import { OllamaClient } from './client.ts'
import { type PullProgress, pullModel } from './pull.ts'

function pulling(lines: readonly unknown[]) {
  const fetch: Fetch<StreamedReply> = async () => {
    async function* body(): AsyncGenerator<Uint8Array> {
      for (const line of lines) yield new TextEncoder().encode(`${JSON.stringify(line)}\n`)
    }
    return { status: 200, headers: { get: () => null }, body: body(), text: async () => '' }
  }
  const seen: PullProgress[] = []
  const call = {
    model: 'a:1',
    signal: new AbortController().signal,
    totalMs: 1_000,
    onProgress: (progress: PullProgress) => seen.push(progress),
  }
  return { done: pullModel(new OllamaClient(fetch, { url: 'http://ollama.test', token: null }), call), seen }
}

test('only a final success counts; progress sums over layers, also where completed is missing', async () => {
  const { done, seen } = pulling([
    { status: 'pulling manifest' },
    { status: 'pulling a', digest: 'a', total: 100 },
    { status: 'pulling a', digest: 'a', total: 100, completed: 60 },
    { status: 'pulling b', digest: 'b', total: 10, completed: 10 },
    { status: 'verifying sha256 digest' },
    { status: 'success' },
  ])
  await done
  expect(seen.map(({ completedBytes, totalBytes }) => [completedBytes, totalBytes])).toEqual([
    [0, 0],
    [0, 100],
    [60, 100],
    [70, 110],
    [70, 110],
  ])
})

test.each([
  [
    'an unknown tag',
    [{ status: 'pulling manifest' }, { error: 'pull model manifest: file does not exist' }],
    'model-missing',
  ],
  ['a full disk', [{ error: 'write: no space left on device' }], 'crashed'],
  ['a stream that ends early', [{ status: 'pulling a', digest: 'a', total: 9, completed: 3 }], 'incomplete'],
])('%s fails', async (_, lines, code) => {
  await expect(pulling(lines).done).rejects.toMatchObject({ code })
})
