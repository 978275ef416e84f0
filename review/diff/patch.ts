import type { ChangedFile, DiffProblem, FileContent, FileStatus, ParsedDiff } from './model.ts'
import { contentOf, countChanges, readHunks } from './parse.ts'

/** The fields we use of an item of `GET /repos/{owner}/{repo}/pulls/{n}/files`. */
export interface PatchFile {
  readonly filename: string
  readonly previous_filename?: string | undefined
  readonly status: string
  readonly additions: number
  readonly deletions: number
  /** Blob id at the head. */
  readonly sha?: string | null | undefined
  /** Absent for binary files, for pure renames, and for patches that GitHub finds too large. */
  readonly patch?: string | undefined
}

/** The change as the API lists it: the same value that `git diff` gives, except for `index`. */
export function parsePatches(files: readonly PatchFile[]): ParsedDiff {
  const problems: DiffProblem[] = []
  const changed = files.map((file) => {
    const read = readHunks(file.patch ?? '', file.filename)
    problems.push(...read.problems)
    return fileOf(file, read.hunks)
  })
  return { files: changed, problems }
}

function fileOf(file: PatchFile, hunks: ChangedFile['hunks']): ChangedFile {
  const content = contentOf(bareContent(file), hunks)
  const counted =
    content === 'withheld' ? { additions: file.additions, deletions: file.deletions } : countChanges(hunks)
  const index = { oldMode: null, newMode: null, oldBlob: null, similarity: null, binaryPatch: null }
  const status = statuses[file.status] ?? 'modified'
  const isMoved = status === 'renamed' || status === 'copied'
  return {
    path: file.filename,
    oldPath: isMoved ? (file.previous_filename ?? null) : null,
    status,
    content,
    hunks,
    ...counted,
    index: file.sha ? { ...index, newBlob: file.sha } : null,
  }
}

const statuses: Readonly<Record<string, FileStatus>> = {
  added: 'added',
  removed: 'deleted',
  modified: 'modified',
  renamed: 'renamed',
  copied: 'copied',
  changed: 'changed',
}

const emptyBlobs = new Set([
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
])

/** Without a patch the API does not say why; counts, status and blob id tell the cases apart. */
function bareContent(file: PatchFile): FileContent {
  if (file.additions + file.deletions > 0) return 'withheld'
  if (file.sha && emptyBlobs.has(file.sha)) return 'none'
  return file.status === 'added' || file.status === 'modified' || file.status === 'removed' ? 'binary' : 'none'
}
