import type { ChangedFile, Hunk } from '../diff/model.ts'
import type { CoverageReason } from '../finding.ts'
import { hunkLabel } from '../diff/label.ts'
import { type Piece, splitBlock } from './split.ts'
import { renderBlock } from './render-block.ts'
import { estimateTokens, type TokenRatio, tokensOfBytes } from './token-ratio.ts'
import { shareOf } from './share.ts'
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
  /** Calls that run side by side: prompts are made so that none of them idles. Absent: few large prompts. */
  readonly slots?: number
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
  readonly parts: readonly PackedPart[]
  /** Prefix, extra and parts. */
  readonly estimatedTokens: number
}

/** A hunk, or a run of its lines, ready to be read by itself. */
export interface PackedPart {
  readonly path: string
  /** The ledger's name of the whole hunk. */
  readonly hunk: string
  /** As `renderBlock` describes it. */
  readonly code: string
  /** The numbers a finding may name: at the head, and for deleted lines at the base. */
  readonly lines: readonly number[]
}

export interface PackedHunk {
  readonly path: string
  /** As in the coverage ledger. */
  readonly label: string
  /** How many parts show it, over all prompts; 0 when nothing of it fits. */
  readonly parts: number
  /** Why some of it, or all of it, is in no prompt. */
  readonly missing: CoverageReason | null
}

interface OpenPrompt {
  readonly parts: PackedPart[]
  bytes: number
}

/** Prompts that may still take a hunk: enough to fill them, few enough to keep the order of risk. */
const openPrompts = 4

/** Lays hunks into prompts, first fit in the order given; a hunk larger than a prompt is split with overlap. */
export function pack(request: PackRequest): Packing {
  const { ratio, window, prefix, maxPrompts, slots } = request
  const fullBytes = bytesWithin(ratio, bodyTokens(window, prefix, ratio))
  const cut = request.items.map((item) => cutHunk(item, fullBytes))
  const sizes = cut.flatMap(({ pieces }) => (pieces ?? []).map(sizeOf))
  const bytes = slots === undefined ? fullBytes : shareOf(sizes, { fullBytes, slots, maxPrompts })
  const prompts: OpenPrompt[] = []
  const hunks = cut.map((one) => placeHunk(one, prompts, { bytes, maxPrompts }))
  const fixed = estimateTokens(ratio, prefix) + window.extraTokens
  return {
    prompts: prompts.map(({ parts, bytes }, index) => ({
      index,
      parts,
      estimatedTokens: fixed + tokensOfBytes(ratio, bytes),
    })),
    hunks,
  }
}

interface Capacity {
  /** Of code in one prompt; a piece that is larger by itself has a prompt of its own. */
  readonly bytes: number
  readonly maxPrompts: number
}

function bytesWithin(ratio: TokenRatio, tokens: number): number {
  const perByte = tokensOfBytes(ratio, 1_000_000) / 1_000_000
  return Math.floor(tokens / perByte)
}

interface CutHunk {
  readonly item: PackItem
  /** Null when not even a line of it fits. */
  readonly pieces: readonly Piece[] | null
  readonly isCut: boolean
}

function cutHunk(item: PackItem, fullBytes: number): CutHunk {
  const block = renderBlock(item.file, item.hunk, item.context)
  return { item, pieces: splitBlock(block, item.hunk, fullBytes), isCut: block.isCut }
}

function sizeOf({ text }: Piece): number {
  return Buffer.byteLength(text) + 1
}

function placeHunk({ item, pieces, isCut }: CutHunk, prompts: OpenPrompt[], capacity: Capacity): PackedHunk {
  const { file, hunk } = item
  const named = { path: file.path, label: hunkLabel(hunk) }
  if (pieces === null) return { ...named, parts: 0, missing: 'too-large' }
  for (const [index, piece] of pieces.entries()) {
    const bytes = sizeOf(piece)
    const prompt = findPrompt(prompts, bytes, capacity)
    if (prompt === null) return { ...named, parts: index, missing: 'budget' }
    prompt.bytes += bytes
    prompt.parts.push({ path: file.path, hunk: named.label, code: piece.text, lines: numbersOf(piece) })
  }
  return { ...named, parts: pieces.length, missing: isCut ? 'long-lines' : null }
}

function findPrompt(prompts: OpenPrompt[], bytes: number, capacity: Capacity): OpenPrompt | null {
  const open = prompts.slice(-openPrompts).find((prompt) => prompt.bytes + bytes <= capacity.bytes)
  if (open !== undefined) return open
  if (prompts.length >= capacity.maxPrompts) return null
  const prompt: OpenPrompt = { parts: [], bytes: 0 }
  prompts.push(prompt)
  return prompt
}

function numbersOf(piece: Piece): number[] {
  return [...new Set(piece.lines.flatMap((line) => line.newLine ?? line.oldLine ?? []))]
}
