/**
 * A change as GitHub and git describe it: files → hunks → lines, with exact line numbers on both sides.
 * The same change gives the same value whether it was read from `git diff` or from the API's `patch` fields;
 * only {@link ChangedFile.index} differs, because the API does not tell modes.
 */
export interface ParsedDiff {
  readonly files: readonly ChangedFile[]
  /** What could not be understood, with its place in the input. Nothing else of the input is left out. */
  readonly problems: readonly DiffProblem[]
}

export interface ChangedFile {
  /** Path at the head; for a deleted file its path at the base. */
  readonly path: string
  /** Path at the base, where it differs: renamed and copied files only. */
  readonly oldPath: string | null
  readonly status: FileStatus
  readonly content: FileContent
  readonly hunks: readonly Hunk[]
  readonly additions: number
  readonly deletions: number
  /** Modes and blob ids, as far as the source tells them. */
  readonly index: FileIndex | null
}

/** `changed` is a change of mode or type without a change of text. */
export type FileStatus = 'added' | 'deleted' | 'modified' | 'renamed' | 'copied' | 'changed'

/**
 * `text`: there are hunks. `none`: nothing but the name or the mode changed, or the file is empty.
 * `withheld`: text changed but the source does not show it (GitHub omits large patches).
 */
export type FileContent = 'text' | 'binary' | 'submodule' | 'none' | 'withheld'

export interface FileIndex {
  /** Octal, for example `100644`, `120000` (symbolic link), `160000` (submodule). */
  readonly oldMode: string | null
  readonly newMode: string | null
  /** Blob ids, abbreviated or whole, as the source wrote them. */
  readonly oldBlob: string | null
  readonly newBlob: string | null
  /** Percent, for renames and copies found by git. */
  readonly similarity: number | null
  /** The lines of a `GIT binary patch`, verbatim. */
  readonly binaryPatch: string | null
}

export interface Hunk {
  /** First line and number of lines at the base; start 0 when the side is empty. */
  readonly oldStart: number
  readonly oldCount: number
  readonly newStart: number
  readonly newCount: number
  /** What git prints after the second `@@`: mostly the enclosing function. May be empty. */
  readonly section: string
  /** In a combined diff (`@@@`), the ranges in the second and further parents; the first stands in `old*`. */
  readonly otherParents: readonly LineRange[]
  readonly additions: number
  readonly deletions: number
  /** Cut from the source when first asked for. */
  readonly lines: readonly DiffLine[]
}

export interface LineRange {
  readonly start: number
  readonly count: number
}

export interface DiffLine {
  /** In a combined diff a line is added or deleted when it is so against any parent. */
  readonly kind: 'context' | 'added' | 'deleted'
  /** Without marker and line feed; the carriage return of a CRLF file stays. */
  readonly text: string
  /** Line number at the base (first parent), null where the line is not there. */
  readonly oldLine: number | null
  /** Line number at the head, null where the line is not there. */
  readonly newLine: number | null
  /** The file ends here on that side, without a line feed. */
  readonly noNewline?: true
  /** Combined diffs only: one marker per parent. */
  readonly marks?: string
}

/** GitHub's words: LEFT is the base, RIGHT the head. */
export type Side = 'LEFT' | 'RIGHT'

export interface DiffProblem {
  readonly code: DiffProblemCode
  /** The file it belongs to, where known. */
  readonly path: string | null
  /** First line of the input concerned, from 1, and how many lines. */
  readonly line: number
  readonly lines: number
  /** The first of them, cut to 120 characters. */
  readonly sample: string
}

/**
 * `outside`: text that belongs to no file (a commit message, a cut head). `header`: a file header that names no
 * file. `hunk-header`: a line that starts like a hunk and is none. `hunk-cut`: a hunk with fewer lines than it
 * announced. `too-large`: the input exceeds what a string can hold.
 */
export type DiffProblemCode = 'outside' | 'header' | 'hunk-header' | 'hunk-cut' | 'too-large'
