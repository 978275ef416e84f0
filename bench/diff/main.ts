import { createRequire } from 'node:module'
import parseDiffPeer from 'parse-diff'
import { parseDiff } from '../../review/diff/parse.ts'

// `node bench/diff/main.ts`: megabytes per second of each parser over the same generated diff, in one run; the best of four rounds each.
// Its types describe an ES module that it is not.
const gitdiffParser: { parse(text: string): unknown } = createRequire(import.meta.url)('gitdiff-parser')
const TARGET_CHARS = 40_000_000
const ROUNDS = 4

const text = generateDiff(TARGET_CHARS)
const bytes = Buffer.from(text)
const megabytes = bytes.length / 1e6

const subjects: readonly (readonly [name: string, run: () => unknown])[] = [
  ['DevLoop, lines cut when read', () => parseDiff(bytes)],
  ['DevLoop, every line cut', () => parseDiff(bytes).files.map((file) => file.hunks.map((hunk) => hunk.lines.length))],
  ['parse-diff', () => parseDiffPeer(text)],
  ['gitdiff-parser', () => gitdiffParser.parse(text)],
]

const rates = subjects.map(([name, run]) => {
  return { name, megabytesPerSecond: Math.round(megabytes / (bestMs(run) / 1000)) }
})
const own = rates[0]?.megabytesPerSecond ?? 0
for (const { name, megabytesPerSecond } of rates) {
  process.stdout.write(
    `${name.padEnd(30)} ${String(megabytesPerSecond).padStart(6)} MB/s  ${(own / megabytesPerSecond).toFixed(2)}x\n`,
  )
}

function bestMs(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now()
    run()
    best = Math.min(best, performance.now() - startedAt)
  }
  return best
}

/** Ordinary TypeScript changes: four hunks a file, context, removals, additions. */
function generateDiff(chars: number): string {
  const files: string[] = []
  for (let size = 0; size < chars; size += files.at(-1)?.length ?? 0) files.push(generateFile(files.length))
  return files.join('')
}

function generateFile(index: number): string {
  const path = `src/module${index}/file${index}.ts`
  const head = `diff --git a/${path} b/${path}\nindex 1234567..89abcde 100644\n--- a/${path}\n+++ b/${path}\n`
  return head + [0, 1, 2, 3].map(generateHunk).join('')
}

function generateHunk(hunk: number): string {
  const at = hunk * 100 + 1
  const lines = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join('')
  return [
    `@@ -${at},20 +${at},22 @@ function thing${hunk}() {\n`,
    lines(8, (index) => `       const value${index} = compute(input, ${index}, options)\n`),
    lines(4, (index) => `-  return oldThing(${index}) // gone\n`),
    lines(6, (index) => `+  return newThing(${index}, { deep: true, more: 'x' })\n`),
    lines(8, () => ' }\n'),
  ].join('')
}
