/** One line of a file's patch, with its number on either side and GitHub's `position` (lines below the first `@@`). */
export interface PatchLine {
  readonly kind: 'hunk' | 'context' | 'added' | 'removed'
  readonly oldLine: number | null
  readonly newLine: number | null
  readonly position: number
  readonly hunk: number
  /** As it stands in the patch, mark included. */
  readonly text: string
}

const hunkHeader = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/

export function parsePatch(patch: string): PatchLine[] {
  const lines: PatchLine[] = []
  let oldLine = 0
  let newLine = 0
  let hunk = -1
  for (const [position, text] of patch.split('\n').entries()) {
    const header = hunkHeader.exec(text)
    if (header !== null) {
      oldLine = Number(header[1])
      newLine = Number(header[2])
      hunk += 1
      lines.push({ kind: 'hunk', oldLine: null, newLine: null, position, hunk, text })
    } else if (text.startsWith('+')) {
      lines.push({ kind: 'added', oldLine: null, newLine: newLine++, position, hunk, text })
    } else if (text.startsWith('-')) {
      lines.push({ kind: 'removed', oldLine: oldLine++, newLine: null, position, hunk, text })
    } else if (text.startsWith(' ') || text === '') {
      lines.push({ kind: 'context', oldLine: oldLine++, newLine: newLine++, position, hunk, text })
    }
  }
  return lines
}

/** The line of a patch that a comment at `line` on `side` stands on, if it is part of the diff. */
export function findPatchLine(
  lines: readonly PatchLine[],
  line: number,
  side: 'LEFT' | 'RIGHT',
): PatchLine | undefined {
  return lines.find((candidate) => (side === 'RIGHT' ? candidate.newLine : candidate.oldLine) === line)
}

/** The part of the patch GitHub shows above a comment: from the hunk's header to the commented line. */
export function sliceHunk(lines: readonly PatchLine[], until: PatchLine): string {
  return lines
    .filter((line) => line.hunk === until.hunk && line.position <= until.position)
    .map((line) => line.text)
    .join('\n')
}
