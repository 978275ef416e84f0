/** Ordinary TypeScript changes: four hunks a file, context, removals, additions. */
export function generateDiff(chars: number): string {
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
