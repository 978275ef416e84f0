import type { GitRepository } from './git-repository.ts'

const hunkHeader = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

/** Where a line of a file of one commit stands in another; null where it was changed or removed. */
export async function followLine(
  git: GitRepository,
  place: { from: string; to: string; path: string; line: number },
): Promise<number | null> {
  const { from, to, path, line } = place
  if (from === to) return line
  const diff = await git.remember(`lines ${from} ${to} ${path}`, () =>
    git.text(['diff', '--no-color', '-U0', from, to, '--', path]),
  )
  if (/^deleted file mode/m.test(diff)) return null
  let shift = 0
  for (const text of diff.split('\n')) {
    const header = hunkHeader.exec(text)
    if (header === null) continue
    const oldStart = Number(header[1])
    const oldCount = Number(header[2] ?? 1)
    if (oldCount > 0 && line >= oldStart && line < oldStart + oldCount) return null
    const isAbove = oldCount === 0 ? oldStart < line : oldStart + oldCount <= line
    if (isAbove) shift += Number(header[4] ?? 1) - oldCount
  }
  return line + shift
}
