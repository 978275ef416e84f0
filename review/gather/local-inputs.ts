import { parseDiff } from '../diff/parse.ts'
import { emptyMemory } from '../rank/memory.ts'
import { cutGuidelines } from './guidelines.ts'
import type { ReviewInputs } from './inputs.ts'

/** What a terminal or a workflow knows of a change without asking GitHub. */
export interface LocalChange {
  /** As `git diff` prints it; bytes keep mixed encodings whole. */
  readonly diff: string | Uint8Array
  readonly headSha: string
  readonly baseSha: string
  readonly title: string
  readonly description: string
  readonly focus: string | null
  /** Texts at the base; null where there is no such file. */
  readonly documents: {
    readonly agents: string | null
    readonly attributes: string | null
    /** Null when the policy names no architecture document. */
    readonly architecture: { readonly path: string; readonly text: string | null } | null
  }
}

/** The inputs of a review without a pull request: no issues, no checks, no earlier rounds. */
export function localInputs(change: LocalChange): ReviewInputs {
  const { headSha, baseSha, title, description, focus } = change
  const { agents, attributes, architecture } = change.documents
  return {
    diff: parseDiff(change.diff),
    unlistedFiles: 0,
    attributes: attributes === null ? [] : [{ folder: '', text: attributes }],
    headSha,
    baseSha,
    title,
    description,
    focus,
    guidelines: cutGuidelines([...(architecture === null ? [] : [architecture]), { path: 'AGENTS.md', text: agents }]),
    architecture: architecture === null ? null : { path: architecture.path, isFound: architecture.text !== null },
    tasks: [],
    requirements: [],
    failingChecks: [],
    memory: emptyMemory,
  }
}
