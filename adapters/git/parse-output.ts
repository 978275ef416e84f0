import type { GitChangedFile, GitCommit } from '../../ports/git.ts'
import type { TreeEntry } from '../../ports/github.ts'
import { type CommitSha, commitSha } from '../../ports/ids.ts'

const STATUSES = { A: 'added', D: 'removed', M: 'modified', R: 'renamed', C: 'copied', T: 'changed' } as const

/** Reads `git diff --name-status -z`: status, path, and for renames and copies the new path. */
export function parseNameStatus(output: string): readonly GitChangedFile[] {
  const fields = output.split('\0')
  const files: GitChangedFile[] = []
  for (let at = 0; at + 1 < fields.length; ) {
    const letter = fields[at]?.[0] ?? ''
    const status = STATUSES[letter as keyof typeof STATUSES] ?? 'changed'
    const first = fields[at + 1] ?? ''
    const second = fields[at + 2] ?? ''
    const hasTwo = letter === 'R' || letter === 'C'
    // A copy leaves its source alone.
    if (letter === 'R') files.push({ path: second, previousPath: first, status })
    else files.push({ path: hasTwo ? second : first, status })
    at += hasTwo ? 3 : 2
  }
  return files
}

/** The format that `parseLog` reads: fields end with NUL, a commit with two bytes that no message holds. */
export const LOG_FORMAT = '%H%x00%an%x00%ae%x00%ce%x00%cI%x00%B%x00%x1e'

export function parseLog(output: string): readonly GitCommit[] {
  return output.split('\0\x1e').flatMap((text) => {
    const [sha = '', authorName = '', authorEmail = '', committerEmail = '', committedAt = '', message = ''] = text
      .replace(/^\n/, '')
      .split('\0')
    if (sha === '') return []
    return [
      { sha: commitSha.parse(sha), message: message.trim(), authorName, authorEmail, committerEmail, committedAt },
    ]
  })
}

/** Reads `git ls-files --stage -z`. Entries of an unfinished merge count once, by their own side. */
export function parseStaged(output: string): readonly TreeEntry[] {
  return output.split('\0').flatMap((line): TreeEntry[] => {
    const match = /^(\d{6}) ([0-9a-f]+) ([0-3])\t(.*)$/s.exec(line)
    if (match === null || (match[3] !== '0' && match[3] !== '2')) return []
    const [, mode = '', sha = '', , path = ''] = match
    return [{ path, mode, type: mode === '160000' ? 'commit' : 'blob', sha }]
  })
}

/** Reads `git show --name-only -z --format=%x01%H`. */
export function parseFilesOf(output: string): ReadonlyMap<CommitSha, readonly string[]> {
  const found = new Map<CommitSha, readonly string[]>()
  for (const block of output.split('\x01')) {
    const [sha = '', ...paths] = block.split(/[\0\n]+/)
    if (commitSha.safeParse(sha).success)
      found.set(
        commitSha.parse(sha),
        paths.filter((path) => path !== ''),
      )
  }
  return found
}
