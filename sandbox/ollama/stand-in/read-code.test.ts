import { expect, test } from 'vitest'
import { readCode } from './read-code.ts'

const shapes: readonly (readonly [string, string])[] = [
  [
    'a raw diff',
    'diff --git a/src/a.ts b/src/a.ts\n--- a/src/a.ts\n+++ b/src/a.ts\n@@ -10,2 +11,3 @@ head\n one\n-two\n+  two()\n three',
  ],
  ['numbers now and then', '## src/a.ts (new)\n@@ 11 function head() {\n one\n-two\n12+  two()\n three'],
  ['a hunk without any number', '## src/a.ts\n@@ 11 function head() {\n one\n+  two()\n three'],
  ['number, sign, code', '### src/a.ts\n@@ -10,2 +11,3 @@\n  11   one\n  12 +   two()\n  13   three'],
  ['sign, number, bar, code', 'File: src/a.ts\n  11| one\n+ 12|   two()\n  13| three'],
  ['number, colon, sign', '<file path="src/a.ts">\n11: one\n12: +  two()\n13: three\n</file>'],
  ['L-numbers', '## `src/a.ts`\n```\nL11 | one\nL12 |+  two()\nL13 | three\n```'],
  ['old and new numbers', '**src/a.ts**\n10 11   one\n-  12 +   two()\n11 13   three'],
]

test.each(shapes)('reads %s', (_name, prompt) => {
  const lines = readCode(`Please review this change.\n\n${prompt}\n`)
  const added = lines.filter((line) => line.mark === 'added')
  expect(added.map(({ path, line, text }) => [path, line, text.trim()])).toEqual([['src/a.ts', 12, 'two()']])
  expect(lines.filter((line) => line.mark === 'context').map((line) => line.line)).toEqual([11, 13])
})

test('numbered code without signs is plain', () => {
  const lines = readCode('File: a.py\n```\n1: x = 1\n2: y = 2\n```')
  expect(lines.map(({ line, text, mark }) => [line, text, mark])).toEqual([
    [1, 'x = 1', 'plain'],
    [2, 'y = 2', 'plain'],
  ])
})

test('two files keep their lines apart, and prose is no code', () => {
  const prompt =
    'Rules:\n1. Be brief.\n2. Quote.\n\n+++ b/a.go\n@@ -1 +1 @@\n+one\n\n+++ b/b.go\n@@ -5 +7 @@\n+two\n\nAnswer in JSON.'
  expect(readCode(prompt).map(({ path, line, text }) => `${path}:${line} ${text}`)).toEqual([
    'a.go:1 one',
    'b.go:7 two',
  ])
})
