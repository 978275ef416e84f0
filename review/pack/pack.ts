import type { ChangedFile, Hunk, Side } from '../diff/model.ts'
import type { CoverageReason } from '../finding.ts'
import { hunkLabel } from '../diff/label.ts'
import { type Piece, splitBlock } from './split.ts'
import { renderBlock, renderFileHeader } from './render-block.ts'
import { type TokenRatio, tokensOfBytes } from './token-ratio.ts'
import { bodyTokens, type WindowPlan } from './window.ts'

export interface PackRequest {
  /** What is to be reviewed, riskiest first. */
  readonly items: readonly PackItem[]
  /** The text every prompt begins with; it is counted, not copied. */
  readonly prefix: string
  readonly ratio: TokenRatio
  readonly window: WindowPlan
  /** What the budget pays for; hunks beyond it are named with reason `budget`. */
  readonly maxPrompts: number
}

export interface PackItem {
  readonly file: ChangedFile
  readonly hunk: Hunk
  /** The declaration around the hunk, one line; in place of what git prints. */
  readonly context?: string
}

export interface Packing {
  readonly prompts: readonly PackedPrompt[]
  /** Every item exactly once, in the order given. */
  readonly hunks: readonly PackedHunk[]
}

export interface PackedPrompt {
  readonly index: number
  /** Goes behind the prefix. */
  readonly body: string
  /** Prefix, extra and body. */
  readonly estimatedTokens: number
  /** The lines a finding of this prompt may name. */
  readonly anchors: readonly Anchor[]
  /** What the body is made of, so that a hunk can be asked about alone. */
  readonly parts: readonly PromptPart[]
}

/** One hunk, or a run of its lines, in a prompt. */
export interface PromptPart {
  readonly path: string
  readonly label: string
  /** With the header of its file. */
  readonly text: string
  readonly anchors: readonly Anchor[]
}

export interface Anchor {
  readonly path: string
  readonly side: Side
  readonly line: number
}

export interface PackedHunk {
  readonly path: string
  /** As in the coverage ledger. */
  readonly label: string
  /** The prompts that show it; empty when nothing of it fits. */
  readonly prompts: readonly number[]
  /** Why some of it, or all of it, is in no prompt. */
  readonly missing: CoverageReason | null
}

interface OpenPrompt {
  readonly index: number
  readonly parts: string[]
  readonly anchors: Anchor[]
  readonly pieces: PromptPart[]
  lastPath: string | null
  bytes: number
}

/** Prompts that may still take a hunk: enough to fill them, few enough to keep the order of risk. */
const openPrompts = 4

/** Lays hunks into prompts, first fit in the order given; a hunk larger than a prompt is split with overlap. */
export function pack(request: PackRequest): Packing {
  const capacity = bodyTokens(request.window, request.prefix, request.ratio)
  const capacityBytes = bytesWithin(request.ratio, capacity)
  const prompts: OpenPrompt[] = []
  const hunks = request.items.map((item) => placeHunk(item, prompts, capacityBytes, request.maxPrompts))
  const fixed = tokensOfBytes(request.ratio, Buffer.byteLength(request.prefix)) + request.window.extraTokens
  return {
    prompts: prompts.map(({ index, parts, anchors, pieces, bytes }) => ({
      index,
      body: parts.join('\n'),
      estimatedTokens: fixed + tokensOfBytes(request.ratio, bytes),
      anchors,
      parts: pieces,
    })),
    hunks,
  }
}

function bytesWithin(ratio: TokenRatio, tokens: number): number {
  const perByte = tokensOfBytes(ratio, 1_000_000) / 1_000_000
  return Math.floor(tokens / perByte)
}

function placeHunk(item: PackItem, prompts: OpenPrompt[], capacityBytes: number, maxPrompts: number): PackedHunk {
  const { file, hunk } = item
  const block = renderBlock(hunk, item.context)
  const fileHeader = renderFileHeader(file)
  const pieces = splitBlock(block, hunk, capacityBytes - Buffer.byteLength(fileHeader) - 2)
  const named = { path: file.path, label: hunkLabel(hunk) }
  if (pieces === null) return { ...named, prompts: [], missing: 'too-large' }
  const placed: number[] = []
  for (const piece of pieces) {
    const prompt = findPrompt(prompts, file.path, fileHeader, piece, capacityBytes, maxPrompts)
    if (prompt === null) return { ...named, prompts: placed, missing: 'budget' }
    if (!placed.includes(prompt.index)) placed.push(prompt.index)
    addPiece(prompt, named, fileHeader, piece)
  }
  return { ...named, prompts: placed, missing: block.isCut ? 'long-lines' : null }
}

function findPrompt(
  prompts: OpenPrompt[],
  path: string,
  fileHeader: string,
  piece: Piece,
  capacityBytes: number,
  maxPrompts: number,
): OpenPrompt | null {
  const open = prompts
    .slice(-openPrompts)
    .find((prompt) => prompt.bytes + addedBytes(prompt, path, fileHeader, piece) <= capacityBytes)
  if (open !== undefined) return open
  if (prompts.length >= maxPrompts) return null
  const prompt: OpenPrompt = { index: prompts.length, parts: [], anchors: [], pieces: [], lastPath: null, bytes: 0 }
  prompts.push(prompt)
  return prompt
}

function addedBytes(prompt: OpenPrompt, path: string, fileHeader: string, piece: Piece): number {
  const header = prompt.lastPath === path ? 0 : Buffer.byteLength(fileHeader) + 1
  return header + Buffer.byteLength(piece.text) + 1
}

function addPiece(
  prompt: OpenPrompt,
  hunk: { readonly path: string; readonly label: string },
  fileHeader: string,
  piece: Piece,
): void {
  const { path } = hunk
  prompt.bytes += addedBytes(prompt, path, fileHeader, piece)
  if (prompt.lastPath !== path) prompt.parts.push(fileHeader)
  prompt.parts.push(piece.text)
  prompt.lastPath = path
  const anchors = piece.lines.flatMap((line): Anchor[] => {
    if (line.newLine !== null) return [{ path, side: 'RIGHT', line: line.newLine }]
    return line.oldLine === null ? [] : [{ path, side: 'LEFT', line: line.oldLine }]
  })
  for (const anchor of anchors) prompt.anchors.push(anchor)
  prompt.pieces.push({ ...hunk, text: `${fileHeader}\n${piece.text}`, anchors })
}
