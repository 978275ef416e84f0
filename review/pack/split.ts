import type { DiffLine, Hunk } from '../diff/model.ts'
import type { Block } from './render-block.ts'

/** A hunk, or a run of its lines. */
export interface Piece {
  readonly text: string
  readonly lines: readonly DiffLine[]
}

/** Lines that two pieces share at most, so that what stands at the cut is seen whole once. */
const overlapLines = 6

/** Cuts a block into pieces of at most so many bytes; null when not even a single line has room. */
export function splitBlock(block: Block, hunk: Hunk, maxBytes: number): Piece[] | null {
  const sizes = block.lines.map((line) => Buffer.byteLength(line) + 1)
  const headerBytes = Buffer.byteLength(block.fileHeader) + Buffer.byteLength(block.header) + 40
  const room = maxBytes - headerBytes
  if (sizes.some((size) => size > room)) return null
  const pieces: Piece[] = []
  let start = 0
  do {
    const end = fillFrom(sizes, start, room)
    pieces.push(pieceOf(block, hunk, start, end))
    if (end >= sizes.length) break
    // Where few lines fit, most of them are new.
    start = end - Math.min(overlapLines, Math.floor((end - start) / 3))
  } while (start < sizes.length)
  return pieces
}

function fillFrom(sizes: readonly number[], start: number, room: number): number {
  let used = 0
  let end = start
  while (end < sizes.length && used + (sizes[end] ?? 0) <= room) {
    used += sizes[end] ?? 0
    end++
  }
  return end
}

function pieceOf(block: Block, hunk: Hunk, start: number, end: number): Piece {
  const lines = hunk.lines.slice(start, end)
  const isWhole = start === 0 && end === hunk.lines.length
  const first = lines.find((line) => line.newLine !== null)?.newLine
  const header = isWhole || first === undefined ? block.header : block.header.replace(/^@@ \d+/, `@@ ${first}`)
  const note = isWhole ? '' : ` (part of ${hunk.lines.length} lines)`
  return { text: [block.fileHeader, `${header}${note}`, ...block.lines.slice(start, end)].join('\n'), lines }
}
