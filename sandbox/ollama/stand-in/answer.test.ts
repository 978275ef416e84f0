import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { answer } from './answer.ts'

const prompt = [
  'Review the change.',
  '### src/users.ts',
  '  11 + const rows = await db.query(`select * from users where id = ' + '$' + '{id}`)',
  '  12 + for (let i = 0; i <= rows.length; i++) {',
  '  13   use(rows[i])',
].join('\n')

function ask(format: object, text = prompt): unknown {
  const value: unknown = JSON.parse(answer({ prompt: text, lastMessage: text, format }))
  const validate = new Ajv2020({ strict: false }).compile(format)
  expect(validate(value), JSON.stringify(validate.errors)).toBe(true)
  return value
}

const finding = {
  type: 'object',
  additionalProperties: false,
  required: ['path', 'line', 'severity', 'title', 'body', 'quote'],
  properties: {
    path: { type: 'string', enum: ['src/users.ts', 'src/other.ts'] },
    line: { type: 'integer', enum: [11, 12] },
    endLine: { type: ['integer', 'null'] },
    severity: { enum: ['critical', 'high', 'medium', 'low'] },
    category: { enum: ['correctness', 'security'] },
    title: { type: 'string', maxLength: 20 },
    body: { type: 'string' },
    quote: { type: 'string' },
    suggestion: { type: ['string', 'null'] },
    confidence: { type: 'integer', minimum: 0, maximum: 100 },
  },
}

test('fills findings in the words and places of the schema', () => {
  const format = { type: 'object', required: ['findings'], properties: { findings: { type: 'array', items: finding } } }
  expect(ask(format)).toMatchObject({
    findings: [
      { path: 'src/users.ts', line: 11, endLine: 11, severity: 'critical', category: 'security', confidence: 80 },
      { line: 12, severity: 'high', category: 'correctness', suggestion: expect.stringContaining('i < rows.length') },
    ],
  })
})

test('leaves out what the line enum has no place for, and keeps to maxItems', () => {
  const only12 = { ...finding, properties: { ...finding.properties, line: { type: 'integer', enum: [12] } } }
  const format = { type: 'object', properties: { findings: { type: 'array', items: only12 } } }
  expect(ask(format)).toMatchObject({ findings: [{ line: 12 }] })
  const one = { type: 'object', properties: { findings: { type: 'array', maxItems: 1, items: finding } } }
  expect(ask(one)).toMatchObject({ findings: [{ line: 11 }] })
})

test('follows references and chooses among variants per file', () => {
  const variant = (path: string, lines: number[]) => ({
    ...finding,
    properties: { ...finding.properties, path: { const: path }, line: { type: 'integer', enum: lines } },
  })
  const format = {
    type: 'object',
    properties: { issues: { type: 'array', items: { $ref: '#/$defs/issue' } } },
    $defs: { issue: { anyOf: [variant('src/other.ts', [11, 12]), variant('src/users.ts', [12])] } },
  }
  expect(ask(format)).toMatchObject({ issues: [{ path: 'src/users.ts', line: 12 }] })
})

test('reads places written as one word', () => {
  const item = {
    type: 'object',
    properties: { place: { enum: ['src/users.ts:11', 'src/users.ts:12'] }, message: { type: 'string' } },
  }
  const format = { type: 'array', items: item }
  expect(ask(format)).toMatchObject([{ place: 'src/users.ts:11' }, { place: 'src/users.ts:12' }])
})

test('finds nothing in clean code', () => {
  const format = { type: 'object', properties: { findings: { type: 'array', items: finding } } }
  expect(ask(format, '### src/users.ts\n  11 + const total = add(1, 2)')).toEqual({ findings: [] })
})

const verdict = {
  type: 'object',
  required: ['verdict', 'quote'],
  properties: { verdict: { enum: ['refuted', 'upheld'] }, quote: { type: 'string' }, reason: { type: 'string' } },
}

test('upholds a claim at a line where a rule speaks and refutes one where none does', () => {
  expect(ask(verdict, `${prompt}\n\nClaim: line 12 runs past the end`)).toMatchObject({ verdict: 'upheld' })
  expect(ask(verdict, `${prompt}\n\nClaim: line 13 divides by zero`)).toMatchObject({
    verdict: 'refuted',
    quote: 'use(rows[i])',
  })
})

test('rules on each claim that the schema names', () => {
  const item = {
    type: 'object',
    required: ['id', 'refuted'],
    properties: { id: { enum: ['c1', 'c2'] }, refuted: { type: 'boolean' }, quote: { type: 'string' } },
  }
  const format = { type: 'object', properties: { rulings: { type: 'array', items: item } } }
  const claims = 'c1: src/users.ts line 11 joins SQL\nc2: src/users.ts line 13 leaks memory'
  expect(ask(format, `${prompt}\n\n${claims}`)).toMatchObject({
    rulings: [
      { id: 'c1', refuted: false },
      { id: 'c2', refuted: true },
    ],
  })
})

test('answers without a format in a few labelled words', () => {
  const text = answer({ prompt: 'What is a mutex?', lastMessage: 'What is a mutex?', format: undefined })
  expect(text).toContain('rule-based, no language model')
  expect(text).toContain('What is a mutex?')
})

test('satisfies schemas that have nothing to do with reviews', () => {
  ask({
    type: 'object',
    required: ['word', 'n', 'tags'],
    properties: {
      word: { enum: ['x', 'y'] },
      n: { type: 'integer', minimum: 3, maximum: 9 },
      tags: { type: 'array', minItems: 2, items: { type: 'string', minLength: 4 } },
    },
  })
  ask({
    allOf: [
      { type: 'object', required: ['a'], properties: { a: { type: 'boolean' } } },
      { type: 'object', required: ['b'], properties: { b: { type: 'null' } } },
    ],
  })
})
