import type { Hunk } from './model.ts'

/** `-10,4 +12,6`: how a hunk is named in the coverage ledger. */
export function hunkLabel(hunk: Hunk): string {
  return `-${hunk.oldStart},${hunk.oldCount} +${hunk.newStart},${hunk.newCount}`
}

/** The ledger's name for a change that has no hunks. */
export const wholeFile = 'file'
