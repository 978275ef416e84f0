import { createHash } from 'node:crypto'
import type { ReviewConfig } from '../config/resolved-config.ts'
import type { ChangedFile } from './diff/model.ts'
import { wholeFile } from './diff/label.ts'
import type { CoverageEntry } from './finding.ts'
import type { FindPiece } from './find/piece.ts'
import type { ReviewInputs } from './gather/inputs.ts'
import type { ModelSettings } from './models.ts'
import { type Packing, type PackItem, pack } from './pack/pack.ts'
import type { TokenRatio } from './pack/token-ratio.ts'
import { findPrefix, type ReviewBrief } from './prompts/find-prompt.ts'
import type { VotedFinding } from './rank/ranked.ts'

/** The deterministic part of a review: everything that is known before a model is asked. */
export interface Prepared {
  /** With secrets masked: the only form that models, comments and logs get to see. */
  readonly files: readonly ChangedFile[]
  readonly mask: (text: string) => string
  readonly brief: ReviewBrief
  readonly packing: Packing
  readonly pieces: readonly FindPiece[]
  readonly skipped: readonly CoverageEntry[]
  /** Findings that need no model. */
  readonly certain: readonly VotedFinding[]
  readonly mustCheck: readonly { readonly id: string; readonly question: string }[]
}

export interface PrepareOptions {
  readonly config: ReviewConfig
  readonly settings: ModelSettings
  readonly ratio: TokenRatio
  readonly mark: string
  readonly maxPrompts: number
}

/** Questions, answer rules and the chat template around the code of one prompt, in tokens. */
const extraTokens = 600

export async function prepare(inputs: ReviewInputs, options: PrepareOptions): Promise<Prepared> {
  const { settings, ratio, mark, maxPrompts } = options
  const brief = briefOf(inputs, mark)
  const files = inputs.diff.files
  const items: PackItem[] = files.flatMap((file) => file.hunks.map((hunk) => ({ file, hunk })))
  const skipped: CoverageEntry[] = files
    .filter((file) => file.hunks.length === 0)
    .map(({ path }) => ({ path, hunk: wholeFile, state: 'skipped', reason: 'no-text' }))
  const packing = pack({
    items,
    prefix: findPrefix(brief),
    ratio,
    window: { contextTokens: settings.load.contextTokens, answerTokens: settings.maxOutputTokens, extraTokens },
    maxPrompts,
  })
  const pieces = packing.prompts.map(({ parts, estimatedTokens }): FindPiece => {
    return { key: keyOf(brief, parts), parts, instructions: [], mustCheck: [], estimatedTokens }
  })
  return { files, mask: (text) => text, brief, packing, pieces, skipped, certain: [], mustCheck: [] }
}

function briefOf(inputs: ReviewInputs, mark: string): ReviewBrief {
  const { title, description, focus, guidelines, tasks, requirements, failingChecks } = inputs
  return {
    mark,
    title: title.slice(0, 300),
    description: description.slice(0, maxDescription),
    focus,
    guidelines,
    tasks,
    requirements,
    failingChecks,
  }
}

const maxDescription = 3_000

/** The same prompt has the same key in every attempt of a job. */
function keyOf(brief: ReviewBrief, parts: readonly { readonly code: string }[]): string {
  return createHash('sha256')
    .update(JSON.stringify([findPrefix(brief), parts.map(({ code }) => code)]))
    .digest('hex')
    .slice(0, 24)
}
