import { createHash } from 'node:crypto'
import picomatch from 'picomatch'
import type { ReviewConfig } from '../config/resolved-config.ts'
import { readAttributes } from './classify/attributes.ts'
import { type ClassifiedHunk, classify, type MustCheck } from './classify/classify.ts'
import { loadSyntax } from './context/syntax.ts'
import type { ChangedFile } from './diff/model.ts'
import type { CoverageEntry } from './finding.ts'
import type { FindPiece } from './find/piece.ts'
import type { ReviewInputs } from './gather/inputs.ts'
import type { ModelSettings } from './models.ts'
import { type Packing, type PackItem, pack } from './pack/pack.ts'
import { estimateTokens, type TokenRatio } from './pack/token-ratio.ts'
import { findPrefix, type ReviewBrief } from './prompts/find-prompt.ts'
import type { VotedFinding } from './rank/ranked.ts'
import { findSecrets } from './secrets/find-secrets.ts'
import { secretlintScanner } from './secrets/secretlint.ts'
import { certain } from './votes.ts'

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
  /** Calls that will run side by side; absent where one prompt that holds all is better than several. */
  readonly slots?: number
  /** The text of a file at the head, secrets masked; null when it cannot be had. */
  readonly readHead: (path: string) => Promise<string | null>
}

/** Files whose head is read to name the declaration around each hunk; the rest shows what git prints. */
const mostContextFiles = 20
/** Answer rules, headings and the chat template around the code of one prompt, in tokens. */
const frameTokens = 300

export async function prepare(inputs: ReviewInputs, options: PrepareOptions): Promise<Prepared> {
  const { settings, ratio, mark, maxPrompts, config } = options
  const secrets = await findSecrets(inputs.diff.files, secretlintScanner, inputs.maskedSecrets)
  const { files, mask } = secrets
  const classified = classify(
    { ...inputs.diff, files },
    { attributesOf: readAttributes(inputs.attributes), isIgnored: matcher(config.paths.ignore) },
  )
  const brief = maskBrief(briefOf(inputs, mark), mask)
  const packing = pack({
    items: await itemsOf(classified.hunks, options.readHead, mask),
    prefix: findPrefix(brief),
    ratio,
    window: {
      contextTokens: settings.load.contextTokens,
      answerTokens: settings.maxOutputTokens,
      extraTokens: frameTokens + estimateTokens(ratio, questionTexts(classified.mustCheck, config)),
    },
    maxPrompts,
    ...(options.slots !== undefined && { slots: options.slots }),
  })
  const pieces = packing.prompts.map(({ parts, estimatedTokens }): FindPiece => {
    const mustCheck = classified.mustCheck
      .filter(({ places }) =>
        places.some((place) => parts.some((part) => part.path === place.path && part.hunk === place.hunk)),
      )
      .map(({ id, question }) => ({ id, question }))
    const instructions = config.paths.instructions
      .filter(({ glob }) => parts.some(({ path }) => matcher([glob])(path)))
      .map(({ text }) => text)
    return { key: keyOf(brief, parts), parts, instructions, mustCheck, estimatedTokens }
  })
  return {
    files,
    mask,
    brief,
    packing,
    pieces,
    skipped: classified.skipped,
    certain: secrets.findings.map(certain),
    mustCheck: classified.mustCheck.map(({ id, question }) => ({ id, question })),
  }
}

async function itemsOf(
  hunks: readonly ClassifiedHunk[],
  readHead: PrepareOptions['readHead'],
  mask: (text: string) => string,
): Promise<PackItem[]> {
  const syntax = await loadSyntax()
  const known = [...new Set(hunks.map(({ file }) => file.path))].slice(0, mostContextFiles)
  const texts = await Promise.all(known.map(async (path) => [path, await readHead(path)] as const))
  const enclosing = new Map(texts.map(([path, text]) => [path, text === null ? null : syntax.enclosing(path, text)]))
  return hunks.map(({ file, hunk }) => {
    const first = hunk.lines.find(({ kind }) => kind !== 'context')
    const line = first?.newLine ?? hunk.newStart
    const context = mask(enclosing.get(file.path)?.(line, hunk.newStart) ?? '')
    return context === '' ? { file, hunk } : { file, hunk, context }
  })
}

function matcher(globs: readonly string[]): (path: string) => boolean {
  return globs.length === 0 ? () => false : picomatch([...globs], { dot: true })
}

function questionTexts(mustCheck: readonly MustCheck[], config: ReviewConfig): string {
  return [
    ...mustCheck.map(({ id, question }) => `${id}: ${question}`),
    ...config.paths.instructions.map(({ text }) => text),
  ].join('\n')
}

/** Secrets stand in descriptions and issues too. */
function maskBrief(brief: ReviewBrief, mask: (text: string) => string): ReviewBrief {
  const { title, description, focus, guidelines, tasks, requirements, failingChecks } = brief
  return {
    ...brief,
    title: mask(title),
    description: mask(description),
    focus: focus === null ? null : mask(focus),
    guidelines: guidelines.map(({ source, text }) => ({ source, text: mask(text) })),
    tasks: tasks.map(({ id, text }) => ({ id, text: mask(text) })),
    requirements: requirements.map(({ id, text }) => ({ id, text: mask(text) })),
    failingChecks: failingChecks.map(({ name, summary }) => ({ name, summary: mask(summary) })),
  }
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
