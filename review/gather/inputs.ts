import type { AttributesFile } from '../classify/attributes.ts'
import type { ParsedDiff } from '../diff/model.ts'
import type { Memory } from '../rank/memory.ts'
import type { CommittedSecret } from '../secrets/find-secrets.ts'
import type { Requirement } from './requirements.ts'

/** Everything a review knows before a model is asked; the same value from GitHub, from git and from a file. */
export interface ReviewInputs {
  readonly diff: ParsedDiff
  /** Secrets of the change that `diff` does not show any more; absent where it is as it was written. */
  readonly maskedSecrets?: readonly CommittedSecret[]
  /** Files of the change that the source did not list (GitHub stops at 3,000); 0 when all are there. */
  readonly unlistedFiles: number
  /** `.gitattributes` of the base branch. */
  readonly attributes: readonly AttributesFile[]
  readonly headSha: string
  readonly baseSha: string
  readonly title: string
  readonly description: string
  /** What the reader asked to look at most. */
  readonly focus: string | null
  /** Documents of the base branch, cut to size. */
  readonly guidelines: readonly Guideline[]
  /** The document that drift is judged against; null when the policy names none. */
  readonly architecture: { readonly path: string; readonly isFound: boolean } | null
  readonly tasks: readonly { readonly id: string; readonly text: string }[]
  readonly requirements: readonly Requirement[]
  readonly failingChecks: readonly { readonly name: string; readonly summary: string }[]
  readonly memory: Memory
}

export interface Guideline {
  /** Its path. */
  readonly source: string
  readonly text: string
}
