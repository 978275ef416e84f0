import { createHash } from 'node:crypto'
import type { ReviewConfig } from '../../config/resolved-config.ts'
import { patchId } from '../diff/patch-id.ts'
import type { ParsedDiff } from '../diff/model.ts'
import { promptVersions } from '../prompts/versions.ts'

/**
 * The same hash means that a review would read the same change under the same settings: there is nothing new to say, and nothing is
 * rented. A rebase that only moves the change keeps it.
 */
export function inputHash(
  diff: ParsedDiff,
  settings: {
    readonly config: ReviewConfig
    readonly model: string
    readonly focus: string | null
    /** Texts from the base branch that prompts quote. */
    readonly guidelines: readonly string[]
  },
): string {
  return createHash('sha256')
    .update(JSON.stringify([patchId(diff.files), settings, promptVersions]))
    .digest('hex')
}
