import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ChatRequest } from '../../ports/model.ts'
import { chatBody } from './chat-body.ts'

const DOCUMENT = fileURLToPath(new URL('../../../shared/contracts/ollama-openapi.yaml', import.meta.url))
const SHA256 = '9c660bb9a714bcb746cff7ec4270a0e43f63b705f7f3362fcc335f18b5d0b178'

const REQUEST: ChatRequest = {
  model: 'qwen3-coder:30b',
  messages: [
    { role: 'system', content: 'You review code.' },
    { role: 'user', content: 'diff' },
  ],
  schema: { type: 'object', properties: { findings: { type: 'array' } }, required: ['findings'] },
  load: { contextTokens: 16_384, numBatch: 512 },
  maxOutputTokens: 1_024,
  temperature: 0,
  seed: 1,
}

describe.skipIf(!existsSync(DOCUMENT))(
  `against the vendor's document (skipped where ../shared/contracts is absent)`,
  () => {
    test('the stored copy is unchanged', () => {
      expect(createHash('sha256').update(readFileSync(DOCUMENT)).digest('hex')).toBe(SHA256)
    })

    test.each([
      ['with a schema', chatBody(REQUEST, undefined, -1)],
      ['with thinking off', chatBody(REQUEST, false, '10m')],
      ['with a level of thinking', chatBody(REQUEST, 'low', -1)],
    ])('the chat body fits the request schema: %s', (_, body) => {
      expect(errorsOf('ChatRequest', body)).toEqual([])
    })

    test.each([
      ['EmbedRequest', { model: 'm', input: ['a'], truncate: false }],
      ['PullRequest', { model: 'm', stream: true }],
      ['ShowRequest', { model: 'm' }],
    ])('the other bodies fit: %s', (name, body) => {
      expect(errorsOf(name, body)).toEqual([])
    })

    test('a body of the wrong type is refused, so the judge can refuse', () => {
      expect(errorsOf('ChatRequest', { ...chatBody(REQUEST, undefined, -1), messages: 'hello' })).not.toEqual([])
    })
  },
)

function errorsOf(name: string, body: unknown): readonly unknown[] {
  const { components } = parse(readFileSync(DOCUMENT, 'utf8'))
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  const validate = ajv.compile({ $ref: `#/components/schemas/${name}`, components })
  return validate(JSON.parse(JSON.stringify(body)))
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}
