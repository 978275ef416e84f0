import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../config/resolved-config.ts'
import { ModelError, PodsError, StoreError } from '../ports/errors.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { createFakeEngine, fakeLease, type Reply } from '../ports/fakes/fake-engine.ts'
import { microUsd } from '../ports/money.ts'
import { parseDiff } from './diff/parse.ts'
import type { ReviewInputs } from './gather/inputs.ts'
import { unlearnedRatio } from './pack/token-ratio.ts'
import { runReview } from './pipeline.ts'
import { emptyMemory } from './rank/memory.ts'
import type { ReviewChoices, ReviewWorld } from './world.ts'

const diff = `diff --git a/src/total.ts b/src/total.ts
--- a/src/total.ts
+++ b/src/total.ts
@@ -1,4 +1,7 @@
 export function total(prices: number[]) {
   let sum = 0
+  for (let i = 0; i <= prices.length; i++) {
+    sum += prices[i]
+  }
   return sum
 }
diff --git a/src/name.ts b/src/name.ts
--- a/src/name.ts
+++ b/src/name.ts
@@ -10,2 +10,3 @@ export function nameOf(id: string) {
   const user = findUser(id)
+  log(user)
   return user.name
 }
`

const finding = {
  file: 'src/total.ts',
  line: 3,
  endLine: 3,
  severity: 'high',
  category: 'correctness',
  title: 'The loop runs one past the end',
  body: 'The last turn adds undefined.',
  quote: '  for (let i = 0; i <= prices.length; i++) {',
  confidence: 0.9,
}

const inputs: ReviewInputs = {
  diff: parseDiff(diff),
  unlistedFiles: 0,
  attributes: [],
  headSha: 'a'.repeat(40),
  baseSha: 'b'.repeat(40),
  title: 'Totals',
  description: '',
  focus: null,
  guidelines: [],
  architecture: null,
  tasks: [],
  requirements: [],
  failingChecks: [],
  memory: emptyMemory,
}

const choices: ReviewChoices = {
  model: 'qwen3-coder:30b',
  seed: 7,
  mark: 'f00dcafe',
  ratio: unlearnedRatio,
  maxPrompts: 50,
  passes: 1,
  maxMicroUsd: microUsd(1_000_000),
  startedAt: 0,
  inputHash: 'hash',
}

const stands = JSON.stringify({ verdict: 'stands', quote: '', reason: 'It does.' })
const found = JSON.stringify({ findings: [finding], checks: {} })
const nothing = JSON.stringify({ findings: [], checks: {} })

async function review(replies: readonly Reply[], patch: Partial<ReviewWorld> = {}) {
  const engine = createFakeEngine(replies)
  const released: string[] = []
  const steps = new Map<string, unknown>()
  const world: ReviewWorld = {
    clock: createFakeClock(),
    signal: new AbortController().signal,
    acquire: async () => fakeLease(engine, { onRelease: () => released.push('released') }),
    step: async (name, body) => {
      const known = steps.get(name)
      if (known !== undefined) return known as Awaited<ReturnType<typeof body>>
      const value = await body()
      steps.set(name, value)
      return value
    },
    readHead: async () => null,
    listHeadPaths: async () => null,
    onProgress: () => {},
    mayRestart: false,
    ...patch,
  }
  const { result } = await runReview(inputs, defaultConfig().review, choices, world)
  return { result, engine, released, steps }
}

describe('a review', () => {
  it('shows a proved finding that outlives doubt, and releases the engine', async () => {
    const { result, engine, released } = await review([found, stands])
    expect(result.outcome).toBe('posted')
    expect(result.ranking.inline).toMatchObject([{ path: 'src/total.ts', line: 3, severity: 'high', place: 'quoted' }])
    expect(engine.calls).toHaveLength(2)
    expect(result.coverage.every(({ state }) => state === 'reviewed')).toBe(true)
    expect(released).toEqual(['released'])
  })

  it('is clean when nothing is found', async () => {
    const { result } = await review([nothing])
    expect(result).toMatchObject({ outcome: 'clean', shortfall: null, usage: { calls: 1 } })
  })

  it('drops a finding that a line of the code refutes, and says so', async () => {
    const refuted = JSON.stringify({ verdict: 'refuted', quote: 'return sum', reason: 'x' })
    const refuting = JSON.stringify({ verdict: 'refuted', quote: '    sum += prices[i]', reason: 'x' })
    expect((await review([found, refuted])).result.outcome).toBe('posted')
    const { result } = await review([found, refuting])
    expect(result.outcome).toBe('clean')
    expect(result.ranking.suppressed).toMatchObject([{ reason: 'refuted' }])
  })

  it('says that there was no model when none is configured', async () => {
    const { result } = await review([], { acquire: null })
    expect(result).toMatchObject({ outcome: 'partial', shortfall: 'No model review: no engine is configured.' })
    expect(result.coverage.map(({ reason }) => reason)).toEqual(['no-model', 'no-model'])
  })

  it('ends as failed with the reason when no engine can be had', async () => {
    const none = new PodsError({
      code: 'no-capacity',
      message: 'There is no GPU anywhere.',
      remedy: 'Later.',
      owner: 'retry',
    })
    const { result } = await review([], { acquire: async () => Promise.reject(none) })
    expect(result).toMatchObject({ outcome: 'failed', shortfall: 'No model review: There is no GPU anywhere. Later.' })
  })

  it('asks again with the fault, then hunk by hunk, then gives up', async () => {
    const { result, engine } = await review(['garbage', '{"findings": 3}', nothing, 'garbage'])
    expect(engine.calls).toHaveLength(4)
    expect(engine.calls[1]?.messages.at(-1)?.content).toContain('cannot be used: it is not one JSON object')
    expect(result.outcome).toBe('partial')
    expect(result.coverage.map(({ state, reason }) => [state, reason])).toContainEqual(['skipped', 'model-failed'])
  })

  it('keeps recorded pieces when the engine dies and the job starts over', async () => {
    const dead = new ModelError({ code: 'crashed', message: 'It died.', remedy: 'Again.', owner: 'retry' })
    await expect(review([dead, dead, dead], { mayRestart: true })).rejects.toBe(dead)
  })

  it('ends as far as it came when the budget takes the engine away, and does not start over', async () => {
    const stop = new AbortController()
    const reached = new StoreError({
      code: 'budget-reached',
      message: 'The day is spent.',
      remedy: 'Tomorrow.',
      owner: 'user',
    })
    const engine = createFakeEngine([
      () => {
        stop.abort(reached)
        return new ModelError({ code: 'aborted', message: 'Aborted.', remedy: '', owner: 'retry' })
      },
    ])
    const { result } = await review([], {
      mayRestart: true,
      acquire: async () => fakeLease(engine, { lost: stop.signal }),
    })
    expect(result.outcome).toBe('failed')
    expect(result.coverage.map(({ reason }) => reason)).toEqual(['budget', 'budget'])
  })

  it('doubts equal code in two places apart', async () => {
    const twice = JSON.stringify({
      findings: [finding, { ...finding, file: 'src/name.ts', line: 11, endLine: 11, quote: '  log(user)' }],
      checks: {},
    })
    const { engine } = await review([twice, stands, stands])
    expect(engine.calls).toHaveLength(3)
  })

  it('throws the reason when it is cancelled', async () => {
    const signal = AbortSignal.abort(new Error('cancelled by ann'))
    await expect(review([nothing], { signal })).rejects.toThrow('cancelled by ann')
  })
})
