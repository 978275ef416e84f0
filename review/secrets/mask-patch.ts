const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@(.*)$/s

/**
 * A diff, or the patch of one file, with the code in its hunks masked. What stands outside of hunks (names, modes, blob ids) and the
 * signs at the beginning of lines stay, so that it is read as before.
 */
export function maskPatch(patch: string, mask: (text: string) => string): string {
  const lines = patch.split('\n')
  const written: string[] = []
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? ''
    at += 1
    const hunk = HUNK.exec(line)
    if (hunk === null) {
      written.push(line)
      continue
    }
    const [, oldCount = '1', newCount = '1', section = ''] = hunk
    written.push(line.slice(0, line.length - section.length) + mask(section))
    const end = endOfHunk(lines, at, Number(oldCount), Number(newCount))
    const body = lines.slice(at, end)
    const masked = mask(body.map((text) => text.slice(1)).join('\n')).split('\n')
    written.push(...body.map((text, index) => text.slice(0, 1) + (masked[index] ?? '')))
    at = end
  }
  return written.join('\n')
}

/** Index of the first line behind the hunk, by the counts of its head: code may look like a head itself. */
function endOfHunk(lines: readonly string[], start: number, oldCount: number, newCount: number): number {
  let [oldLeft, newLeft, at] = [oldCount, newCount, start]
  for (; at < lines.length && (oldLeft > 0 || newLeft > 0); at++) {
    const sign = lines[at]?.[0] ?? ' '
    if (sign === '\\') continue
    if (sign !== '+') oldLeft -= 1
    if (sign !== '-') newLeft -= 1
  }
  return at
}
