import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModelError, type ModelErrorCode } from '../../ports/errors.ts'
import { createFakeEngine, type Reply } from '../../ports/fakes/fake-engine.ts'
import { modelSettings } from '../models.ts'
import type { ReviewBrief } from '../prompts/find-prompt.ts'
import { answerJsonSchema, answerSchema } from './answer-schema.ts'
import { findPiece } from './find-piece.ts'
import type { FindPiece } from './piece.ts'
import { readAnswer } from './read-answer.ts'

const brief: ReviewBrief = {
  mark: 'f00dcafe',
  title: 'T',
  description: '',
  focus: null,
  guidelines: [],
  tasks: [],
  requirements: [],
  failingChecks: [],
}
const piece: FindPiece = {
  key: 'k',
  parts: ['a.ts', 'b.ts', 'c.ts', 'd.ts'].map((path, index) => {
    return { path, hunk: '-0,0 +1,2', code: `## ${path}\n@@ 1\n1+const x = ${index}`, lines: [1, 2] }
  }),
  instructions: [],
  mustCheck: [{ id: 'auth', question: 'May anyone?' }],
  estimatedTokens: 1_000,
}
const finding = {
  file: 'a.ts',
  line: 1,
  endLine: 2,
  severity: 'high',
  category: 'correctness',
  title: 'Wrong',
  body: '',
  quote: 'const x',
  confidence: 0.9,
}
const good = JSON.stringify({ findings: [finding], checks: { auth: { verdict: 'fine', reason: 'No route.' } } })

function fault(code: ModelErrorCode): ModelError {
  return new ModelError({ code, message: `It said ${code}.`, remedy: 'None.', owner: 'retry' })
}

function find(replies: readonly Reply[], rest?: Reply) {
  const engine = createFakeEngine(replies, rest)
  const settings = modelSettings('qwen3-coder:30b')
  const voice = { engine, model: 'm', settings, seed: 1, signal: new AbortController().signal, tokensPerChar: null }
  return { engine, result: findPiece(voice, brief, piece) }
}

describe('one piece', () => {
  it('is one call when the answer is good', async () => {
    const { engine, result } = find([good])
    expect(await result).toMatchObject({
      proposals: [{ path: 'a.ts', line: 1, endLine: 2 }],
      checks: [{ id: 'auth', verdict: 'fine' }],
      usage: { calls: 1 },
      problem: null,
    })
    expect(engine.calls).toHaveLength(1)
  })

  it.each<[string, Reply]>([
    ['garbage', '}{'],
    ['nothing', ''],
    ['a list', '[]'],
    ['an open question', JSON.stringify({ findings: [], checks: {} })],
    ['an unknown file', good.replace('a.ts', 'z.ts')],
    ['an unknown line', good.replace('"line":1', '"line":77')],
    ['an unknown severity', good.replace('"high"', '"purple"')],
    ['too many findings', JSON.stringify({ ...JSON.parse(good), findings: Array(9).fill(finding) })],
    ['half an answer', fault('incomplete')],
    ['an answer without end', fault('output-limit')],
    ['an unreadable answer', fault('unreadable')],
    ['50 MB', fault('reply-too-large')],
  ])('is asked again after %s, and told why', async (_what, reply) => {
    const { engine, result } = find([reply, good])
    expect((await result).parts.every(({ state }) => state === 'reviewed')).toBe(true)
    expect(engine.calls).toHaveLength(2)
    expect(engine.calls[1]?.messages.at(-1)?.content).toContain('cannot be used: ')
    expect(engine.calls[1]?.seed).not.toBe(engine.calls[0]?.seed)
  })

  it('is salvaged hunk by hunk, and what failed is named', async () => {
    const { engine, result } = find(['x', 'x', JSON.stringify({ findings: [], checks: JSON.parse(good).checks }), 'x'])
    expect((await result).parts.map(({ path, state, reason }) => [path, state, reason])).toEqual([
      ['a.ts', 'reviewed', undefined],
      ['b.ts', 'failed', 'model-failed'],
      ['c.ts', 'failed', 'model-failed'],
      ['d.ts', 'failed', 'model-failed'],
    ])
    expect(engine.calls).toHaveLength(4)
  })

  it('costs three calls at most when every answer is bad', async () => {
    const { engine, result } = find([], 'x')
    expect((await result).parts.every(({ state }) => state === 'failed')).toBe(true)
    expect(engine.calls).toHaveLength(3)
  })

  it.each<ModelErrorCode>(['too-long', 'truncated-prompt'])('is halved when it is %s', async (code) => {
    const empty = JSON.stringify({ findings: [], checks: JSON.parse(good).checks })
    const { engine, result } = find([fault(code), empty, empty])
    expect((await result).parts.map(({ state }) => state)).toEqual(Array(4).fill('reviewed'))
    expect(engine.calls).toHaveLength(3)
    const { result: hopeless, engine: asked } = find([], fault(code))
    expect((await hopeless).parts.map(({ reason }) => reason)).toEqual(Array(4).fill('too-large'))
    expect(asked.calls).toHaveLength(7)
  })

  it.each<ModelErrorCode>(['crashed', 'busy', 'not-ready', 'timeout', 'unauthorized', 'model-missing', 'aborted'])(
    'throws when the engine, not the model, fails: %s',
    async (code) => {
      const { result } = find([fault(code)])
      await expect(result).rejects.toMatchObject({ code })
    },
  )

  it('has an entry for every hunk whatever the model answers', async () => {
    const reply = fc.oneof(
      fc.constant<Reply>(good),
      fc.string(),
      fc.json(),
      fc.constantFrom<ModelErrorCode>('incomplete', 'too-long', 'output-limit').map(fault),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(reply, { minLength: 12, maxLength: 12 }), async (replies) => {
        const { engine, result } = find(replies, 'x')
        const { parts, usage } = await result
        expect(parts.map(({ path }) => path).sort()).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts'])
        expect(usage.calls).toBe(engine.calls.length)
      }),
      { numRuns: 300 },
    )
  })
})

describe('an answer', () => {
  const bounds = { files: ['a.ts'], lines: [1, 2], checks: ['auth'], requirements: ['R1'], maxFindings: 3 }

  it('is sampled under a schema of objects, arrays, enums and counts only', () => {
    const words = new Set(JSON.stringify(answerJsonSchema(bounds)).match(/"(\w+)":/g))
    const allowed = ['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'maxItems']
    const names = [
      'file',
      'line',
      'endLine',
      'severity',
      'category',
      'title',
      'body',
      'quote',
      'confidence',
      'suggestion',
      'findings',
      'checks',
      'requirements',
      'auth',
      'verdict',
      'reason',
      'id',
    ]
    expect([...words].filter((word) => ![...allowed, ...names].some((known) => word === `"${known}":`))).toEqual([])
  })

  it.each([
    [85, 0.85],
    [0.4, 0.4],
    [1, 1],
  ])('may give its confidence as %d', (given, meant) => {
    const read = readAnswer(good.replace('0.9', String(given)), answerSchema({ ...bounds, requirements: [] }))
    expect(read).toMatchObject({ ok: true, value: { findings: [{ confidence: meant }] } })
  })

  it('never puts text of the model into the reason for refusing it', () => {
    const read = readAnswer('@everyone <!-- devloop:review-summary -->', answerSchema(bounds))
    expect(read).toEqual({ ok: false, problem: 'it is not one JSON object.' })
  })
})
