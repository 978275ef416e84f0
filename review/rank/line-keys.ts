import { createHash } from 'node:crypto'
import { hunkLabel } from '../diff/label.ts'
import type { ChangedFile } from '../diff/model.ts'
import { normaliseCode } from './fingerprint.ts'

/** Beyond this many lines a review does not remember which ones it saw: all count as unseen then. */
const maxLines = 20_000

/** Per path the short hashes of the changed lines that a review saw: what a later round need not speak about again. */
export type LineKeys = Readonly<Record<string, readonly string[]>>

/** `isReviewed` says which hunks a model really read. */
export function lineKeysOf(
  files: readonly ChangedFile[],
  isReviewed: (path: string, hunk: string) => boolean,
): LineKeys {
  const total = files.reduce((sum, file) => sum + file.additions + file.deletions, 0)
  if (total > maxLines) return {}
  return Object.fromEntries(
    files.map((file) => [
      file.path,
      [
        ...new Set(
          file.hunks
            .filter((hunk) => isReviewed(file.path, hunkLabel(hunk)))
            .flatMap((hunk) => hunk.lines.map((line) => lineKey(line.text))),
        ),
      ],
    ]),
  )
}

/** Whether every line of the quote was there in an earlier round. */
export function wasSeen(keys: LineKeys, path: string, quote: string): boolean {
  const known = new Set(keys[path])
  const lines = quote.split('\n').filter((line) => line.trim() !== '')
  return lines.length > 0 && lines.every((line) => known.has(lineKey(line)))
}

function lineKey(text: string): string {
  return createHash('sha256').update(normaliseCode(text)).digest('base64url').slice(0, 8)
}
