import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hunkLabel } from '../diff/label.ts'
import type { ChangedFile, Hunk } from '../diff/model.ts'
import { parseDiff } from '../diff/parse.ts'
import { renderDiff } from '../diff/render.ts'
import { coverageOf, type PartOutcome } from './coverage.ts'
import { type PackedPrompt, type Packing, type PackItem, pack } from './pack.ts'
import { estimateTokens, learnRatio, unlearnedRatio } from './token-ratio.ts'

const window = { contextTokens: 16_384, answerTokens: 2000, extraTokens: 300 }

function itemsOf(files: readonly ChangedFile[]): PackItem[] {
  return files.flatMap((file) => file.hunks.map((hunk) => ({ file, hunk })))
}

function request(items: readonly PackItem[], changes: Partial<Parameters<typeof pack>[0]> = {}) {
  return { items, prefix: 'You review code.', ratio: unlearnedRatio, window, maxPrompts: 100, ...changes }
}

function bodyOf(prompt: PackedPrompt | undefined): string {
  return (prompt?.parts ?? []).map((part) => part.code).join('\n')
}

/** What is known when these prompts were answered and all others were not. */
function outcomesOf(packing: Packing, isDone: (index: number) => boolean): PartOutcome[] {
  return packing.prompts
    .filter((prompt) => isDone(prompt.index))
    .flatMap((prompt) => prompt.parts.map(({ path, hunk }) => ({ path, hunk, state: 'reviewed' as const })))
}

function ledgerOf(packing: Packing, isDone: (index: number) => boolean = () => true) {
  return coverageOf(packing, [], outcomesOf(packing, isDone), 'model-failed')
}

function newFile(path: string, lines: readonly string[]): ChangedFile {
  const body = lines.map((line) => `+${line}\n`).join('')
  const [file] = parseDiff(
    `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${body}`,
  ).files
  if (file === undefined) throw new Error('the generated diff has no file')
  return file
}

const fixture = parseDiff(readFileSync(new URL('./__fixtures__/edits.diff', import.meta.url))).files

/** Words up to seven letters, digits and runs of signs are one token each: near to what code models do. */
function countTokens(text: string): number {
  const pieces = text.match(/[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu) ?? []
  return pieces.reduce((sum, piece) => sum + Math.ceil(piece.length / 7), 0)
}

describe('the block the model sees', () => {
  test('names the file, numbers changed lines and keeps markers', () => {
    const { files } = parseDiff(
      [
        'diff --git a/src/pay.ts b/src/pay.ts',
        '--- a/src/pay.ts',
        '+++ b/src/pay.ts',
        '@@ -41,4 +41,5 @@ function settle(order: Order) {',
        '   const open = order.lines.filter((line) => line.state === "open")',
        '-  return open.length + order.fees.length + order.discounts.length',
        '+  const fees = order.fees.map((fee) => fee.amount).reduce(sum, 0)\r',
        '+  return open.length + fees',
        '   // the end of the function, which is long enough to pay for numbers',
        ' }',
      ].join('\n'),
    )
    expect(bodyOf(pack(request(itemsOf(files))).prompts[0])).toMatchInlineSnapshot(`
      "## src/pay.ts
      @@ 41 function settle(order: Order) {
         const open = order.lines.filter((line) => line.state === "open")
      -  return open.length + order.fees.length + order.discounts.length
      42+  const fees = order.fees.map((fee) => fee.amount).reduce(sum, 0)
      43+  return open.length + fees
         // the end of the function, which is long enough to pay for numbers
       }"
    `)
  })

  test('a hunk that only deletes is numbered at the base, and its lines can be named', () => {
    const { files } = parseDiff(
      'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -7,3 +7,1 @@\n keep this line as it is\n-  if (!user.isAdmin) throw new Forbidden(user)\n-  log(user)\n',
    )
    const [prompt] = pack(request(itemsOf(files))).prompts
    expect(bodyOf(prompt)).toContain('\n8-  if (!user.isAdmin)')
    expect(prompt?.parts[0]?.lines).toEqual([7, 8, 9])
  })

  test('the declaration around a hunk stands in place of the words of git', () => {
    const [item] = itemsOf(fixture)
    if (item === undefined) throw new Error('the fixture is empty')
    expect(bodyOf(pack(request([{ ...item, context: 'class A › method b()' }])).prompts[0])).toMatch(
      /^## .+\n@@ \d+ class A › method b\(\)\n/,
    )
  })

  test('costs at most 1.15 times the tokens and the characters of the diff it covers', () => {
    for (const files of [...fixture.map((file) => [file]), fixture]) {
      const body = pack(request(itemsOf(files)))
        .prompts.map(bodyOf)
        .join('\n')
      const diff = renderDiff(files)
      expect(countTokens(body) / countTokens(diff)).toBeLessThanOrEqual(1.15)
      expect(body.length / diff.length).toBeLessThanOrEqual(1.15)
    }
  })
})

describe('packing', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 60 }).map((text) => text.replace(/[\n\r]/g, ' ')),
    fc.constant('x'.repeat(1500)),
  )
  const files = fc
    .array(
      fc.tuple(
        fc.constantFrom('a.ts', 'b.py', 'ü.go', 'c/d.ts', 'e.md'),
        fc.array(line, { minLength: 1, maxLength: 60 }),
        fc.nat(30),
      ),
      { maxLength: 12 },
    )
    .map((drafts) =>
      drafts.map(([path, lines, copies], index) =>
        newFile(
          `${index}/${path}`,
          Array(copies + 1)
            .fill(lines)
            .flat(),
        ),
      ),
    )
  const plan = fc.record({
    contextTokens: fc.integer({ min: 500, max: 32_000 }),
    answerTokens: fc.constantFrom(200, 2000),
    extraTokens: fc.nat(500),
  })

  test('every hunk is in the ledger once, no window overflows, and a reviewed hunk was shown whole', () => {
    fc.assert(
      fc.property(
        files,
        plan,
        fc.nat(12),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        (changed, chosen, maxPrompts, isDone) => {
          const items = itemsOf(changed)
          const packing = pack(request(items, { window: chosen, maxPrompts }))
          const ledger = ledgerOf(packing, (index) => isDone[index] === true)
          expect(ledger.map((entry) => `${entry.path} ${entry.hunk}`).sort()).toEqual(
            items.map(({ file, hunk }) => `${file.path} ${hunkLabel(hunk)}`).sort(),
          )
          expect(packing.prompts.length).toBeLessThanOrEqual(maxPrompts)
          for (const prompt of packing.prompts) {
            expect(prompt.estimatedTokens + chosen.answerTokens).toBeLessThanOrEqual(chosen.contextTokens)
            expect(estimateTokens(unlearnedRatio, bodyOf(prompt))).toBeLessThanOrEqual(prompt.estimatedTokens)
          }
          for (const entry of ledger) {
            expect(entry.reason === undefined).toBe(entry.state === 'reviewed')
            if (entry.state !== 'reviewed') continue
            const hunk = items.find(({ file }) => file.path === entry.path)?.hunk
            expect(shownLines(packing, entry.path, isDone)).toEqual(numbers(hunk))
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  function shownLines(packing: Packing, path: string, isDone: readonly boolean[]): number[] {
    const parts = packing.prompts.filter((prompt) => isDone[prompt.index]).flatMap((prompt) => prompt.parts)
    return [...new Set(parts.filter((part) => part.path === path).flatMap((part) => part.lines))].sort((a, b) => a - b)
  }

  function numbers(hunk: Hunk | undefined): number[] {
    return (hunk?.lines ?? []).map((shown) => shown.newLine ?? 0)
  }

  test('a hunk larger than a prompt is split with overlap, and partial when one piece has no answer', () => {
    const big = newFile(
      'big.ts',
      Array.from({ length: 2000 }, (_, index) => `const value${index} = compute(${index})`),
    )
    const packing = pack(request(itemsOf([big])))
    expect(packing.prompts.length).toBeGreaterThan(2)
    const [first, second] = packing.prompts
    const shared = first?.parts[0]?.lines.filter((shown) => second?.parts[0]?.lines.includes(shown))
    expect(shared).toHaveLength(6)
    expect(bodyOf(second)).toMatch(/^## big\.ts \(new\)\n@@ \d{3} \(part of 2000 lines\)\n/)
    expect(ledgerOf(packing)[0]).toEqual({
      path: 'big.ts',
      hunk: '-0,0 +1,2000',
      state: 'reviewed',
    })
    expect(ledgerOf(packing, (index) => index !== 1)[0]).toMatchObject({
      state: 'partial',
      reason: 'model-failed',
    })
  })

  test('what the budget does not pay for is named, riskiest first in', () => {
    const big = (path: string) =>
      newFile(
        path,
        Array.from({ length: 300 }, (_, index) => `const value${index} = compute(${index}, options)`),
      )
    const packing = pack(request(itemsOf([big('first.ts'), big('second.ts'), big('third.ts')]), { maxPrompts: 1 }))
    expect(ledgerOf(packing).map(({ path, state, reason }) => [path, state, reason])).toEqual([
      ['first.ts', 'reviewed', undefined],
      ['second.ts', 'skipped', 'budget'],
      ['third.ts', 'skipped', 'budget'],
    ])
  })

  test('a line longer than the model is shown makes its hunk partial', () => {
    const packing = pack(request(itemsOf([newFile('a.ts', ['x'.repeat(5_000_000), 'y'])])))
    expect(bodyOf(packing.prompts[0]).length).toBeLessThan(1200)
    expect(ledgerOf(packing)).toEqual([{ path: 'a.ts', hunk: '-0,0 +1,2', state: 'partial', reason: 'long-lines' }])
  })

  test('a window with no room for code leaves everything named and nothing sent', () => {
    const packing = pack(
      request(itemsOf(fixture), { window: { contextTokens: 2048, answerTokens: 2000, extraTokens: 0 } }),
    )
    expect(packing.prompts).toEqual([])
    expect(new Set(packing.hunks.map((hunk) => hunk.missing))).toEqual(new Set(['too-large']))
  })

  test('300 small files fill prompts of 4,000 to 8,000 tokens', () => {
    const small = Array.from({ length: 300 }, (_, index) =>
      newFile(`src/file${index}.ts`, Array(20).fill('const value = compute(input)')),
    )
    const prompts = pack(request(itemsOf(small))).prompts
    for (const prompt of prompts.slice(0, -1)) {
      expect(prompt.estimatedTokens).toBeGreaterThan(4000)
      expect(prompt.estimatedTokens).toBeLessThanOrEqual(8000)
    }
  })
})

describe('the token ratio', () => {
  const text = 'const a = b\n'.repeat(400)

  test('is learnt from what a model counted', () => {
    let ratio = unlearnedRatio
    for (let run = 0; run < 5; run++) ratio = learnRatio(ratio, text.length, Math.round(text.length * 0.3))
    expect(ratio).toMatchObject({ samples: 5, mean: expect.closeTo(0.3, 3) })
    expect(estimateTokens(ratio, text)).toBeGreaterThanOrEqual(text.length * 0.3)
    expect(estimateTokens(ratio, text)).toBeLessThan(text.length * 0.32)
  })

  test.each([
    ['a short prompt', 5, 3],
    ['a count of zero', 5000, 0],
    ['a count that no text gives', 5000, 1_000_000],
  ])('learns nothing from %s', (_, seen, tokens) => {
    expect(learnRatio(unlearnedRatio, seen, tokens)).toBe(unlearnedRatio)
  })

  test('remembers an expensive text for a while', () => {
    const dear = learnRatio({ mean: 0.3, highest: 0.3, samples: 10 }, text.length, Math.round(text.length * 0.5))
    expect(estimateTokens(dear, text)).toBeGreaterThanOrEqual(Math.round(text.length * 0.5))
  })
})
