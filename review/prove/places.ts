import type { ChangedFile, DiffLine, Side } from '../diff/model.ts'
import { normaliseLine, readingsOf } from './quote.ts'

/** A run of lines of one file and side, inside one hunk. */
export interface Place {
  readonly path: string
  readonly side: Side
  readonly line: number
  readonly endLine: number
  /** First and last line of the hunk on this side: a comment's range stays between them. */
  readonly hunkStart: number
  readonly hunkEnd: number
  /** A line of it was added or deleted by this change. */
  readonly isChanged: boolean
}

/** The lines of a diff, ready to be searched. */
export interface Places {
  readonly byPath: ReadonlyMap<string, FileLines>
}

export interface FileLines {
  readonly path: string
  readonly runs: readonly Run[]
}

/** The lines of a hunk as one side has them, blank lines left out. */
interface Run {
  readonly side: Side
  readonly start: number
  readonly end: number
  readonly lines: readonly SearchLine[]
}

interface SearchLine {
  readonly number: number
  readonly kind: DiffLine['kind']
  readonly text: string
}

export function indexPlaces(files: readonly ChangedFile[]): Places {
  const byPath = new Map<string, FileLines>()
  for (const file of files) {
    const known = byPath.get(file.path)?.runs ?? []
    byPath.set(file.path, { path: file.path, runs: [...known, ...runsOf(file)] })
  }
  return { byPath }
}

function runsOf(file: ChangedFile): Run[] {
  return file.hunks.flatMap((hunk) => {
    const right = hunk.lines.flatMap((line) => searchLine(line, line.newLine))
    const left = hunk.lines.flatMap((line) => searchLine(line, line.oldLine))
    const { newStart, newCount, oldStart, oldCount } = hunk
    return [
      { side: 'RIGHT' as const, start: newStart, end: newStart + newCount - 1, lines: right },
      ...(hunk.deletions > 0
        ? [{ side: 'LEFT' as const, start: oldStart, end: oldStart + oldCount - 1, lines: left }]
        : []),
    ]
  })
}

function searchLine(line: DiffLine, number: number | null): SearchLine[] {
  const text = normaliseLine(line.text)
  return number === null || text === '' ? [] : [{ number, kind: line.kind, text }]
}

/**
 * Every place of the file where the quote stands, by the most literal reading that stands anywhere: whole lines before parts of
 * lines. A place on the LEFT holds a deleted line; otherwise the RIGHT has it too.
 */
export function findPlaces(file: FileLines, quote: string): Place[] {
  for (const reading of readingsOf(quote)) {
    for (const matches of [isWholeMatch, isPartMatch]) {
      const places = file.runs.flatMap((run) => placesInRun(file.path, run, reading, matches))
      if (places.length > 0) return places
    }
  }
  return []
}

type Matches = (line: string, quoted: string, isFirst: boolean, isLast: boolean) => boolean

function placesInRun(path: string, run: Run, reading: readonly string[], matches: Matches): Place[] {
  const { lines, side } = run
  const places: Place[] = []
  for (let start = 0; start + reading.length <= lines.length; start++) {
    const isHere = reading.every((quoted, offset) =>
      matches(lines[start + offset]?.text ?? '', quoted, offset === 0, offset === reading.length - 1),
    )
    if (!isHere) continue
    const found = lines.slice(start, start + reading.length)
    const isChanged = found.some((line) => line.kind !== 'context')
    const first = found[0]?.number
    const last = found.at(-1)?.number
    if (first === undefined || last === undefined || (side === 'LEFT' && !isChanged)) continue
    places.push({ path, side, line: first, endLine: last, hunkStart: run.start, hunkEnd: run.end, isChanged })
  }
  return places
}

const isWholeMatch: Matches = (line, quoted) => line === quoted

/** Shorter pieces of a line stand everywhere and prove nothing. */
const minPartCharacters = 8

/** The first quoted line may begin, the last may end, inside a line of code. */
const isPartMatch: Matches = (line, quoted, isFirst, isLast) => {
  if (isFirst && isLast) return quoted.length >= minPartCharacters && line.includes(quoted)
  if (isFirst) return line.endsWith(quoted)
  if (isLast) return line.startsWith(quoted)
  return line === quoted
}
