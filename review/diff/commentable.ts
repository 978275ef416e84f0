import type { ChangedFile, DiffLine, Hunk, Side } from './model.ts'

/** A line that GitHub takes a review comment on, with its number on the side the comment names. */
export interface CommentableLine {
  readonly side: Side
  readonly line: number
  /** Index in `file.hunks`: a comment over several lines must stay inside one. */
  readonly hunk: number
  readonly kind: DiffLine['kind']
  readonly text: string
}

/** Every line of the file's hunks once: deleted lines on the LEFT, all others on the RIGHT. */
export function commentableLines(file: ChangedFile): CommentableLine[] {
  return file.hunks.flatMap((hunk, index) => linesOfHunk(hunk, index))
}

function linesOfHunk(hunk: Hunk, index: number): CommentableLine[] {
  return hunk.lines.flatMap(({ kind, text, oldLine, newLine }): CommentableLine[] => {
    if (newLine !== null) return [{ side: 'RIGHT', line: newLine, hunk: index, kind, text }]
    // In a combined diff a deleted line may never have been in the first parent: it has no number to comment on.
    return oldLine === null ? [] : [{ side: 'LEFT', line: oldLine, hunk: index, kind, text }]
  })
}
