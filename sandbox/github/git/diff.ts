import type { GitRepository } from './git-repository.ts'

export interface DiffEntry {
  readonly path: string
  readonly previousPath?: string
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed'
  readonly blobSha: string
  readonly additions: number
  readonly deletions: number
  /** From the first `@@` on; absent for binary files, pure renames and what is too large for GitHub to show. */
  readonly patch?: string
}

// GitHub loads no more than this of one file's diff.
const maxPatchLines = 20_000
const maxPatchBytes = 500_000

const statusNames: Readonly<Record<string, DiffEntry['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
}
const diffOptions = ['--no-color', '--no-ext-diff', '--no-textconv', '-M', '--full-index']

/** The changed files between two commits, in git's order. */
export function listDiff(git: GitRepository, from: string, to: string): Promise<DiffEntry[]> {
  return git.remember(`diff ${from} ${to}`, async () => {
    const both = await git.run(['diff', '--raw', '-z', '--patch', '--abbrev=40', ...diffOptions, from, to])
    if (both.stdout.length === 0) return []
    // With -z, an empty field parts the list of files from their patches.
    const [list = '', ...rest] = both.stdout.toString('utf8').split('\0\0')
    const entries = parseRaw(`${list}\0`)
    const patches = splitPatches(rest.join('\0\0'))
    return entries.map((entry) => {
      const patch = patches.shift() ?? ''
      // A file that became a link (or the reverse) stands in the diff twice: removed, then added.
      return { ...entry, ...describePatch(entry.status === 'changed' ? patch + (patches.shift() ?? '') : patch) }
    })
  })
}

/** The unified diff as text. */
export async function renderDiff(git: GitRepository, from: string, to: string): Promise<string> {
  return (await git.run(['diff', ...diffOptions, from, to])).stdout.toString('utf8')
}

type RawEntry = Omit<DiffEntry, 'additions' | 'deletions' | 'patch'>

function parseRaw(text: string): RawEntry[] {
  const fields = text.split('\0')
  const entries: RawEntry[] = []
  for (let index = 0; index + 1 < fields.length; ) {
    const [, , before = '', after = '', letters = ''] = (fields[index] ?? '').split(' ')
    const status = statusNames[letters.slice(0, 1)] ?? 'changed'
    const hasTwoPaths = status === 'renamed' || status === 'copied'
    const path = fields[index + (hasTwoPaths ? 2 : 1)] ?? ''
    const previous = hasTwoPaths ? { previousPath: fields[index + 1] ?? '' } : {}
    entries.push({ path, ...previous, status, blobSha: status === 'removed' ? before : after })
    index += hasTwoPaths ? 3 : 2
  }
  return entries
}

// A line of content always starts with a space, plus, minus or backslash, so the header is unmistakable.
function splitPatches(diff: string): string[] {
  return diff.split(/^(?=diff --git )/m).filter((part) => part !== '')
}

function describePatch(fileDiff: string): Pick<DiffEntry, 'additions' | 'deletions' | 'patch'> {
  const start = fileDiff.search(/^@@ /m)
  if (start < 0) return { additions: 0, deletions: 0 }
  const patch = fileDiff.slice(start).replace(/\n$/, '')
  const lines = patch.split('\n')
  const additions = lines.filter((line) => line.startsWith('+')).length
  const deletions = lines.filter((line) => line.startsWith('-')).length
  const isTooLarge = lines.length > maxPatchLines || patch.length > maxPatchBytes
  return isTooLarge ? { additions, deletions } : { additions, deletions, patch }
}
