import { expect, test } from 'vitest'
import { canaryProblem, canaryRequest } from './canary.ts'

const good = { done: true, done_reason: 'stop', prompt_eval_count: 60, message: { content: '{"word":"cedar"}' } }

test('a healthy answer has no problem, whichever word it chose', () => {
  expect(canaryProblem(good)).toBeNull()
  expect(canaryProblem({ ...good, message: { content: '{"word":"birch"}' } })).toBeNull()
})

test.each([
  ['cut off', { done_reason: 'length' }, /ended with "length"/],
  ['without an end', { done: false, done_reason: undefined }, /ended with "nothing"/],
  ['outside the schema', { message: { content: '{"word":"oak"}' } }, /JSON Schema/],
  ['fenced', { message: { content: '```json\n{"word":"cedar"}\n```' } }, /JSON Schema/],
  ['empty', { message: { content: '' } }, /JSON Schema/],
  ['a prompt cut to almost nothing', { prompt_eval_count: 4 }, /counted 4 tokens/],
  ['a prompt of another size', { prompt_eval_count: 9_000 }, /counted 9000 tokens/],
  ['no counter', { prompt_eval_count: undefined }, /counted no tokens/],
])('an answer %s is a problem', (_name, more, text) => {
  expect(canaryProblem({ ...good, ...more })).toMatch(text)
})

test('the request is bound to a schema and carries the load options of real calls', () => {
  const request = canaryRequest('m', { shift: false, truncate: false }, { num_ctx: 8_192 }, false)
  expect(request).toMatchObject({
    shift: false,
    truncate: false,
    think: false,
    format: { type: 'object' },
    options: { num_ctx: 8_192, temperature: 0, num_predict: 512 },
  })
})
