import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { hasContract, Judge } from './judge.ts'
import { type EmulatedOllama, startOllama } from './start.ts'

describe.skipIf(!hasContract())(
  'the vendor’s document (skipped: ../shared/contracts is not beside this checkout)',
  () => {
    let server: EmulatedOllama | undefined
    afterAll(() => server?.stop())

    test('is the copy that was reviewed', () => {
      const text = readFileSync(new URL('../../../shared/contracts/ollama-openapi.yaml', import.meta.url))
      expect(createHash('sha256').update(text).digest('hex')).toBe(
        '9c660bb9a714bcb746cff7ec4270a0e43f63b705f7f3362fcc335f18b5d0b178',
      )
    })

    test.each([
      ['/api/chat', { model: 'm', messages: [{ role: 'robot', content: 'x' }] }],
      ['/api/chat', { messages: [] }],
      ['/api/generate', { model: 'm', options: { num_ctx: 'many' } }],
      ['/api/pull', {}],
      ['/api/embed', { model: 'm' }],
    ])('refuses a wrong body for %s', (path, body) => {
      const judge = new Judge()
      judge.judgeRequest(path, body)
      expect(judge.violations).not.toEqual([])
    })

    test('finds nothing in what the emulation asks and answers', async () => {
      server = await startOllama({ judge: true, models: ['mistral:7b', 'nomic-embed-text', 'deepseek-r1:14b'] })
      const post = async (path: string, body: object, method = 'POST') => {
        const reply = await fetch(`${server?.url}${path}`, { method, body: JSON.stringify(body) })
        await reply.text()
        return reply.status
      }
      const messages = [{ role: 'user', content: 'hello' }]
      const statuses = [
        await post('/api/chat', {
          model: 'mistral:7b',
          messages,
          shift: false,
          truncate: false,
          format: { type: 'object' },
        }),
        await post('/api/chat', { model: 'deepseek-r1:14b', messages, think: true, stream: false }),
        await post('/api/chat', { model: 'mistral:7b', messages: [], keep_alive: 0 }),
        await post('/api/chat', { model: 'nobody', messages }),
        await post('/api/generate', { model: 'mistral:7b', prompt: 'x', options: { num_ctx: 2_048, num_predict: 9 } }),
        await post('/api/generate', { model: 'mistral:7b', stream: false }),
        await post('/api/embed', { model: 'nomic-embed-text', input: ['a', 'b'] }),
        await post('/api/show', { model: 'mistral:7b' }),
        await post('/api/pull', { model: 'codestral:22b' }),
        await post('/api/pull', { model: 'nobody' }),
        await post('/api/delete', { model: 'codestral:22b' }, 'DELETE'),
      ]
      for (const path of ['/api/tags', '/api/ps', '/api/version']) await (await fetch(`${server.url}${path}`)).text()
      expect(statuses).toEqual([200, 200, 200, 404, 200, 200, 200, 200, 200, 200, 200])
      expect(server.violations()).toEqual([])
    })
  },
)
