import { createHash } from 'node:crypto'
import type { ChangedFile } from './model.ts'
import { markOf } from './render.ts'

/**
 * SHA-256 of what the change does, whatever lines it stands on and in whatever order the files come: a rebase that
 * only moves the change keeps it. Unlike `git patch-id` it heeds white space, which carries meaning in some languages.
 */
export function patchId(files: readonly ChangedFile[]): string {
  const parts = files.map(filePart).sort()
  return sha256(parts.join('\n'))
}

function filePart(file: ChangedFile): string {
  const { path, oldPath, status, content, index } = file
  const hash = createHash('sha256')
  hash.update(JSON.stringify([path, oldPath, status, content]))
  // Without text only the blob tells one change from another; its length differs with the source.
  if (content !== 'text') hash.update(`\n${index?.newBlob?.slice(0, 7) ?? ''}`)
  for (const hunk of file.hunks) {
    hash.update('\n@@')
    for (const line of hunk.lines)
      hash.update(`\n${line.marks ?? markOf(line)}${line.text}${line.noNewline ? '\\' : ''}`)
  }
  return hash.digest('hex')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
