import type { ChangedFile, DiffLine, Hunk } from '../diff/model.ts'
import { markOf } from '../diff/render.ts'

/**
 * How the model sees a change:
 *
 *     ## src/pay.ts
 *     @@ 41 function settle(order: Order) {
 *        const open = order.lines
 *     -  return open.length
 *     42+  return open.filter(isDue)
 *     +    .length
 *
 * Each hunk under the header of its file, so that it can be asked about alone; it begins with `@@`, the number of its first line at the head and the declaration around
 * it. A line has its number (at the head; for a deleted line at the base), then `+`, `-` or a space, then the code. Digits
 * cost a token each, so numbers stand as densely as {@link numberShare} permits, at the first changed line of a hunk always.
 */
export interface Block {
  readonly fileHeader: string
  readonly header: string
  /** One per line of the hunk, without line feeds. */
  readonly lines: readonly string[]
  /** A line was longer than the model is shown. */
  readonly isCut: boolean
}

/** Share of a hunk's own size that its line numbers may add. */
const numberShare = 0.15
const strides = [1, 2, 3, 5, 10, 20] as const
const maxLineCharacters = 1000

export function renderBlock(file: ChangedFile, hunk: Hunk, context: string | undefined): Block {
  const section = (context ?? hunk.section).slice(0, 160)
  const header = `@@ ${hunk.newStart}${section === '' ? '' : ` ${section}`}`
  const plain = hunk.lines.map(shownLine)
  const size = plain.reduce((sum, line) => sum + line.length + 1, 0)
  const numbers = strides.map((stride) => lineNumbers(hunk.lines, stride))
  // A digit is a token, three characters of code are about one.
  const fits =
    numbers.find((chosen) => chosen.join('').length * 3 <= size * numberShare) ??
    lineNumbers(hunk.lines, Number.POSITIVE_INFINITY)
  return {
    fileHeader: renderFileHeader(file),
    header,
    lines: plain.map((line, index) => `${fits[index] ?? ''}${line}`),
    isCut: hunk.lines.some((line) => line.text.length > maxLineCharacters),
  }
}

function renderFileHeader(file: ChangedFile): string {
  switch (file.status) {
    case 'added':
      return `## ${file.path} (new)`
    case 'deleted':
      return `## ${file.path} (deleted)`
    case 'renamed':
    case 'copied':
      return `## ${file.path} (${file.status} from ${file.oldPath})`
    case 'modified':
    case 'changed':
      return `## ${file.path}`
  }
}

function shownLine(line: DiffLine): string {
  const text = line.text.replace(/(?<!\s)\s+$/, '')
  const shown = text.length > maxLineCharacters ? `${text.slice(0, maxLineCharacters)} …` : text
  return `${markOf(line)}${shown}`
}

/** The number of each line, or an empty text where none is shown; at least `stride` lines stand between two. */
function lineNumbers(lines: readonly DiffLine[], stride: number): string[] {
  const isDeletion = lines.every((line) => line.kind !== 'added')
  let since = Number.POSITIVE_INFINITY
  return lines.map((line) => {
    since++
    const isNumbered = isDeletion ? line.kind === 'deleted' : line.kind === 'added'
    if (!isNumbered || since < stride) return ''
    since = 0
    return `${line.newLine ?? line.oldLine ?? ''}`
  })
}
