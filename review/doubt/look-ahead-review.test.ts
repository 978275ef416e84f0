import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defaultConfig } from '../../config/resolved-config.ts'
import { ModelError } from '../../ports/errors.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createFakeEngine, fakeLease } from '../../ports/fakes/fake-engine.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import type { ChatRequest, ModelEngine } from '../../ports/model.ts'
import { microUsd } from '../../ports/money.ts'
import { localInputs } from '../gather/local-inputs.ts'
import { unlearnedRatio } from '../pack/token-ratio.ts'
import { runReview } from '../pipeline.ts'

const FILES = 10
const HUNK_LINES = 60
/** Two files are so long that several prompts read them. */
const hunksOf = (file: number) => (file % 5 === 0 ? 4 : 1)
const severities = ['critical', 'high', 'medium', 'low']
const dead = new ModelError({ code: 'crashed', message: 'It died.', remedy: 'Again.', owner: 'retry' })

const diff = Array.from({ length: FILES }, (_, file) => {
  const path = `notes/file-${file}.txt`
  const hunks = Array.from({ length: hunksOf(file) }, (_hunk, index) => {
    const start = index * 100 + 1
    const lines = Array.from({ length: HUNK_LINES }, (_line, line) => `+${lineOf(path, start + line)}\n`)
    return `@@ -${index * 40},0 +${start},${HUNK_LINES} @@\n${lines.join('')}`
  })
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n${hunks.join('')}`
}).join('')

/** Every twentieth line of a file reads the same. */
function lineOf(path: string, line: number): string {
  return `line ${line % 20} of ${path}, ${'which is as good as any other '.repeat(3)}`
}

/** What a model of this mood says, whenever it is asked: most of the findings it may, and a verdict on each claim. */
function reply(mood: number, request: ChatRequest): string {
  const text = request.messages.map(({ content }) => content).join('\n')
  const hash = createHash('sha256').update(`${mood} ${text}`).digest().readUInt32BE()
  const random = createSeededRandom(hash)
  const pick = (below: number) => Math.floor(random.fraction() * below)
  if (text.includes('You test claims about code')) {
    const quote = /About this line:\n(.*)/u.exec(text)?.[1] ?? ''
    const verdict = ['refuted', 'stands', 'unsure'][pick(3)]
    return JSON.stringify({ verdict, quote: quote.replace(/line \d+/u, `line ${pick(20)}`), reason: 'So.' })
  }
  const { files, lines, most, checks } = boundsOf(request)
  const findings = Array.from({ length: most - pick(Math.min(4, most)) }, () => {
    const path = files[pick(files.length)] ?? ''
    const line = lines[pick(lines.length)] ?? 1
    const [severity, confidence] = [severities[pick(4)], 0.5 + pick(5) / 10]
    const words = { category: 'correctness', title: `Number ${pick(6)} is wrong here`, body: 'It says what is not so.' }
    return { file: path, line, endLine: line, severity, confidence, ...words, quote: lineOf(path, line) }
  })
  const fine = checks.map((id) => [id, { verdict: 'fine', reason: 'So.' }])
  return JSON.stringify({ findings, checks: Object.fromEntries(fine) })
}

/** What the schema lets an answer name. */
function boundsOf({ schema }: ChatRequest) {
  const { findings, checks } = asked.parse(schema).properties
  return {
    files: findings.items.properties.file.enum,
    lines: findings.items.properties.line.enum,
    most: findings.maxItems,
    checks: Object.keys(checks.properties),
  }
}

const namesOf = <T extends z.ZodType>(one: T) => z.object({ enum: z.array(one) })

const asked = z.object({
  properties: z.object({
    findings: z.object({
      maxItems: z.number(),
      items: z.object({ properties: z.object({ file: namesOf(z.string()), line: namesOf(z.number()) }) }),
    }),
    checks: z.object({ properties: z.record(z.string(), z.unknown()) }),
  }),
})

interface Mood {
  readonly mood: number
  readonly order: number
  readonly slots: number
  readonly failing: number
  /** Another pass is read only on a rented pod. */
  readonly podName: string | null
}

async function review({ mood, order, slots, failing, podName }: Mood) {
  const random = createSeededRandom(order)
  const bare = createFakeEngine([], (request) => (random.fraction() < failing ? dead : reply(mood, request)))
  const pending: (() => void)[] = []
  const seen = { most: 0, now: 0, atRelease: -1, looksBesideReading: 0, reading: 0 }
  const engine: ModelEngine = {
    ...bare,
    async chat(request, options) {
      const isReading = !request.messages.some(({ content }) => content.includes('You test claims'))
      if (!isReading && seen.reading > 0) seen.looksBesideReading += 1
      seen.now += 1
      seen.reading += isReading ? 1 : 0
      seen.most = Math.max(seen.most, seen.now)
      await new Promise<void>((resolve) => pending.push(resolve))
      seen.now -= 1
      seen.reading -= isReading ? 1 : 0
      return await bare.chat(request, options)
    },
  }
  const lease = fakeLease(engine, {
    slots,
    podName,
    onRelease: () => {
      seen.atRelease = seen.now
    },
  })
  const documents = { agents: null, attributes: null, architecture: null }
  const [headSha, baseSha] = ['a'.repeat(40), 'b'.repeat(40)]
  const inputs = localInputs({ diff, headSha, baseSha, title: 'Notes', description: '', focus: null, documents })
  let isOver = false
  const work = runReview(
    inputs,
    defaultConfig().review,
    {
      model: 'qwen3-coder:30b',
      seed: 7,
      mark: 'f00dcafe',
      ratio: unlearnedRatio,
      maxPrompts: 50,
      passes: 2,
      maxMicroUsd: microUsd(1_000_000),
      startedAt: 0,
      inputHash: 'hash',
    },
    {
      clock: createFakeClock(),
      signal: new AbortController().signal,
      acquire: async () => lease,
      step: (_name, body) => body(),
      readHead: async (path) => Array.from({ length: 400 }, (_, line) => lineOf(path, line + 1)).join('\n'),
      listHeadPaths: async () => null,
      onProgress: () => {},
      mayRestart: false,
    },
  ).finally(() => {
    isOver = true
  })
  while (!isOver) {
    for (let turn = 0; turn < 4; turn++) await setImmediate()
    pending.splice(Math.floor(random.fraction() * pending.length), 1)[0]?.()
  }
  const { result } = await work
  return { result, seen }
}

describe('second looks while the last prompts are out', () => {
  test('change nothing but when they are made, and never take a slot that is in use', async () => {
    let looksBesideReading = 0
    const moods = fc.record({
      mood: fc.integer({ min: 1, max: 1_000_000 }),
      order: fc.integer({ min: 1, max: 1_000_000 }),
      slots: fc.integer({ min: 2, max: 5 }),
      podName: fc.constantFrom(null, 'pod-1'),
    })
    await fc.assert(
      fc.asyncProperty(moods, async (one) => {
        const { result, seen } = await review({ ...one, failing: 0 })
        const alone = await review({ ...one, failing: 0, slots: 1 })
        looksBesideReading += seen.looksBesideReading
        expect(alone.seen.looksBesideReading).toBe(0)
        expect(seen.most).toBeLessThanOrEqual(one.slots)
        expect(seen.atRelease).toBe(0)
        expect(result.ranking).toEqual(alone.result.ranking)
        expect(result.usage).toEqual(alone.result.usage)
        expect(new Set(result.receipt.promptHashes)).toEqual(new Set(alone.result.receipt.promptHashes))
      }),
      { numRuns: 5 },
    )
    expect(looksBesideReading).toBeGreaterThan(6)
  })

  test('end before the engine is given back, whatever it fails', async () => {
    const moods = fc.record({
      mood: fc.integer({ min: 1, max: 1_000_000 }),
      order: fc.integer({ min: 1, max: 1_000_000 }),
      slots: fc.integer({ min: 2, max: 5 }),
      podName: fc.constantFrom(null, 'pod-1'),
      failing: fc.double({ min: 0.05, max: 0.6, noNaN: true }),
    })
    await fc.assert(
      fc.asyncProperty(moods, async (one) => {
        const { seen } = await review(one)
        expect(seen.most).toBeLessThanOrEqual(one.slots)
        expect(seen.atRelease).toBe(0)
      }),
      { numRuns: 5 },
    )
  })
})
