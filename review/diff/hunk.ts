import type { DiffLine, Hunk, LineRange } from './model.ts'
import { cutTextAt, lineEnd, type Source, textAt } from './source.ts'

const plus = 43
const minus = 45
const space = 32
const backslash = 92
const lineFeed = 10
const carriageReturn = 13

interface Header {
  readonly old: readonly LineRange[]
  readonly new: LineRange
  readonly section: string
}

/** A hunk read from the source, and the offset behind it. `isCut`: it announced more lines than it has. */
export interface ReadHunk {
  readonly hunk: Hunk
  readonly end: number
  readonly isCut: boolean
}

/** Reads the hunk whose header starts at `start`; null if that line is no hunk header. */
export function readHunk(source: Source, start: number, stripReturn: boolean): ReadHunk | null {
  const { text } = source
  const headerEnd = lineEnd(text, start)
  const header = parseHeader(cutTextAt(source, start, headerEnd))
  if (header === null) return null
  const bodyStart = Math.min(headerEnd + 1, text.length)
  const scan = header.old.length === 1 ? scanPlain(text, bodyStart, header) : scanCombined(text, bodyStart, header)
  const [first, ...others] = header.old.map((range, parent) => shortened(range, scan.oldLeft[parent] ?? 0))
  if (first === undefined) return null
  const now = shortened(header.new, scan.newLeft)
  const body: Body = { source, start: bodyStart, end: scan.end, parents: header.old.length, stripReturn }
  let lines: readonly DiffLine[] | undefined
  const hunk: Hunk = {
    oldStart: first.start,
    oldCount: first.count,
    newStart: now.start,
    newCount: now.count,
    section: header.section,
    otherParents: others,
    additions: scan.additions,
    deletions: scan.deletions,
    get lines() {
      lines ??= cutLines(body, first.start, now.start)
      return lines
    },
  }
  return { hunk, end: scan.end, isCut: scan.newLeft > 0 || scan.oldLeft.some((left) => left > 0) }
}

function shortened(range: LineRange, left: number): LineRange {
  return { start: range.start, count: range.count - left }
}

function parseHeader(line: string): Header | null {
  const match = /^(@@+) ((?:-\d{1,10}(?:,\d{1,10})? )+)\+(\d{1,10})(?:,(\d{1,10}))? \1(?: ([^\r]*))?/.exec(line)
  if (match === null) return null
  const [, ats = '', olds = '', newStart = '0', newCount = '1', section = ''] = match
  const old = olds
    .trimEnd()
    .split(' ')
    .map((range) => {
      const [start = '0', count = '1'] = range.slice(1).split(',')
      return { start: Number(start), count: Number(count) }
    })
  if (old.length !== ats.length - 1) return null
  return { old, new: { start: Number(newStart), count: Number(newCount) }, section }
}

interface Scan {
  readonly end: number
  readonly oldLeft: readonly number[]
  readonly newLeft: number
  readonly additions: number
  readonly deletions: number
}

/** Only the first character of each line is looked at; the rest is jumped over. */
function scanPlain(text: string, start: number, header: Header): Scan {
  let oldLeft = header.old[0]?.count ?? 0
  let newLeft = header.new.count
  let additions = 0
  let deletions = 0
  let position = start
  while ((oldLeft > 0 || newLeft > 0) && position < text.length) {
    const mark = text.charCodeAt(position)
    if (mark === plus) {
      if (newLeft === 0) break
      newLeft--
      additions++
    } else if (mark === minus) {
      if (oldLeft === 0) break
      oldLeft--
      deletions++
    } else if (mark === space || mark === lineFeed || mark === carriageReturn) {
      if (oldLeft === 0 || newLeft === 0) break
      oldLeft--
      newLeft--
    } else if (mark !== backslash) break
    position = nextLine(text, position)
  }
  return { end: skipNoNewline(text, position), oldLeft: [oldLeft], newLeft, additions, deletions }
}

/** One marker per parent: a minus counts in the parents that have it, anything else in the head. */
function scanCombined(text: string, start: number, header: Header): Scan {
  const oldLeft = header.old.map((range) => range.count)
  let newLeft = header.new.count
  let additions = 0
  let deletions = 0
  let position = start
  while ((newLeft > 0 || oldLeft.some((left) => left > 0)) && position < text.length) {
    const marks = text.slice(position, position + oldLeft.length)
    if (!marks.startsWith('\\')) {
      if (!/^[ +-]+$/.test(marks)) break
      const isDeleted = marks.includes('-')
      if (isDeleted) deletions++
      else if (marks.includes('+')) additions++
      if (!isDeleted) newLeft--
      for (const [parent, left] of oldLeft.entries()) {
        if (marks[parent] === (isDeleted ? '-' : ' ')) oldLeft[parent] = left - 1
      }
    }
    position = nextLine(text, position)
  }
  return { end: skipNoNewline(text, position), oldLeft, newLeft, additions, deletions }
}

function nextLine(text: string, position: number): number {
  const end = text.indexOf('\n', position)
  return end === -1 ? text.length : end + 1
}

function skipNoNewline(text: string, position: number): number {
  return text.charCodeAt(position) === backslash ? nextLine(text, position) : position
}

interface Body {
  readonly source: Source
  readonly start: number
  readonly end: number
  readonly parents: number
  readonly stripReturn: boolean
}

function cutLines(body: Body, oldStart: number, newStart: number): DiffLine[] {
  const { source, parents } = body
  const { text } = source
  const lines: DiffLine[] = []
  let oldLine = oldStart
  let newLine = newStart
  for (let position = body.start; position < body.end; ) {
    const end = Math.min(lineEnd(text, position), body.end)
    const mark = text.charCodeAt(position)
    if (mark === backslash) {
      const last = lines.pop()
      if (last !== undefined) lines.push({ ...last, noNewline: true })
    } else if (parents > 1) {
      const line = combinedLine(body, position, end, oldLine, newLine)
      if (line.oldLine !== null) oldLine++
      if (line.newLine !== null) newLine++
      lines.push(line)
    } else {
      const line = lineText(body, position, end)
      if (mark === plus) lines.push({ kind: 'added', text: line, oldLine: null, newLine: newLine++ })
      else if (mark === minus) lines.push({ kind: 'deleted', text: line, oldLine: oldLine++, newLine: null })
      else lines.push({ kind: 'context', text: line, oldLine: oldLine++, newLine: newLine++ })
    }
    position = end + 1
  }
  return lines
}

function combinedLine(body: Body, position: number, end: number, oldLine: number, newLine: number): DiffLine {
  const marks = body.source.text.slice(position, Math.min(position + body.parents, end))
  const kind = marks.includes('-') ? 'deleted' : marks.includes('+') ? 'added' : 'context'
  const isInFirst = kind === 'deleted' ? marks.startsWith('-') : !marks.startsWith('+')
  return {
    kind,
    text: lineText(body, position, end),
    oldLine: isInFirst ? oldLine : null,
    newLine: kind === 'deleted' ? null : newLine,
    marks,
  }
}

function lineText(body: Body, position: number, end: number): string {
  const { source, parents, stripReturn } = body
  const isStripped = stripReturn && source.text.charCodeAt(end - 1) === carriageReturn
  const last = isStripped ? end - 1 : end
  return position + parents >= last ? '' : textAt(source, position + parents, last)
}
