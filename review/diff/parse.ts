import { type FileHeader, readHeader } from './header.ts'
import { readHunk } from './hunk.ts'
import type { ChangedFile, DiffProblem, DiffProblemCode, FileContent, Hunk, ParsedDiff } from './model.ts'
import { decode, lineEnd, type Source, sourceOf } from './source.ts'

/**
 * Reads what `git diff`, `git show`, `git format-patch` or `diff -u` print. Never throws: what is not understood
 * becomes a problem with its place. Bytes are preferred to text, because only bytes keep mixed encodings whole.
 */
export function parseDiff(input: string | Uint8Array): ParsedDiff {
  const source = sourceOf(input)
  if (source === null) {
    return { files: [], problems: [{ code: 'too-large', path: null, line: 1, lines: 1, sample: '' }] }
  }
  return new DiffReader(source).read()
}

/** Reads the bare hunks of one file, as the API's `patch` field holds them. */
export function readHunks(patch: string, path: string): { hunks: readonly Hunk[]; problems: readonly DiffProblem[] } {
  const reader = new DiffReader({ text: patch, isBytes: false })
  const { hunks } = reader.readBody(0, path, false)
  return { hunks, problems: reader.problems }
}

class DiffReader {
  readonly problems: DiffProblem[] = []
  private readonly files: ChangedFile[] = []
  private readonly source: Source
  private countedTo = 0
  private linesBefore = 0

  constructor(source: Source) {
    this.source = source
  }

  read(): ParsedDiff {
    const { text } = this.source
    let position = this.skipOutside(0, null)
    while (position < text.length) {
      const submodule = readSubmoduleLog(this.source, position)
      if (submodule !== null) {
        this.files.push(submodule.file)
        position = this.skipOutside(submodule.end, submodule.file.path)
        continue
      }
      const header = readHeader(this.source, position)
      if (header.path === null) {
        // Hunks that belong to no file are lost to the review: the problem covers them too.
        const end = this.nextFile(header.end)
        this.report('header', null, position, end)
        position = end
        continue
      }
      const body = this.readBody(header.end, header.path, header.stripReturn)
      this.files.push(fileOf(header, header.path, body.hunks))
      position = body.end
    }
    return { files: this.files, problems: this.problems }
  }

  /** Reads hunks until the next file begins, reporting all that is no hunk. */
  readBody(start: number, path: string | null, stripReturn: boolean): { hunks: Hunk[]; end: number } {
    const { text } = this.source
    const hunks: Hunk[] = []
    let position = start
    while (position < text.length) {
      if (!text.startsWith('@@', position)) {
        const end = this.skipOutside(position, path)
        if (!text.startsWith('@@', end)) return { hunks, end }
        position = end
        continue
      }
      const read = readHunk(this.source, position, stripReturn)
      if (read === null) {
        const end = Math.min(lineEnd(text, position) + 1, text.length)
        this.report('hunk-header', path, position, end)
        position = end
        continue
      }
      if (read.isCut) this.report('hunk-cut', path, position, read.end)
      hunks.push(read.hunk)
      position = read.end
    }
    return { hunks, end: position }
  }

  /** Goes to the next line that begins a file or a hunk; the text between, if any, is reported once. */
  private skipOutside(start: number, path: string | null): number {
    const { text } = this.source
    let position = start
    let firstText = -1
    let lastText = -1
    while (position < text.length) {
      if (startsFile(text, position) || (path !== null && text.startsWith('@@', position))) break
      const end = lineEnd(text, position)
      const next = Math.min(end + 1, text.length)
      if (text.slice(position, end).trim() !== '') {
        if (firstText === -1) firstText = position
        lastText = next
      }
      position = next
    }
    if (firstText !== -1) this.report('outside', path, firstText, lastText)
    return position
  }

  private nextFile(start: number): number {
    const { text } = this.source
    let position = start
    while (position < text.length && !startsFile(text, position))
      position = Math.min(lineEnd(text, position) + 1, text.length)
    return position
  }

  private report(code: DiffProblemCode, path: string | null, start: number, end: number): void {
    const { text } = this.source
    const line = this.lineAt(start)
    const sample = decode(text.slice(start, Math.min(lineEnd(text, start), start + 120)))
    this.problems.push({ code, path, line, lines: Math.max(1, countLines(text, start, end)), sample })
  }

  /** Counts on from the last place asked for, so that many problems stay cheap. */
  private lineAt(offset: number): number {
    if (offset < this.countedTo) {
      this.countedTo = 0
      this.linesBefore = 0
    }
    this.linesBefore += countFeeds(this.source.text, this.countedTo, offset)
    this.countedTo = offset
    return this.linesBefore + 1
  }
}

function startsFile(text: string, position: number): boolean {
  const first = text[position]
  if (first === 'd') {
    return (
      text.startsWith('diff --git ', position) ||
      text.startsWith('diff --cc ', position) ||
      text.startsWith('diff --combined ', position)
    )
  }
  if (first === 'S') return submodulePattern.test(text.slice(position, lineEnd(text, position)))
  return text.startsWith('--- ', position) && text.startsWith('+++ ', lineEnd(text, position) + 1)
}

const submodulePattern = /^Submodule (.+?) (?:([0-9a-f]{4,64})\.{2,3}([0-9a-f]{4,64})|contains (?:un|mod))/

/** `git diff --submodule=log` prints one line and a list of commits in place of a hunk. */
function readSubmoduleLog(source: Source, start: number): { file: ChangedFile; end: number } | null {
  if (source.text[start] !== 'S') return null
  let end = lineEnd(source.text, start)
  const [, path, oldBlob, newBlob] = submodulePattern.exec(source.text.slice(start, end)) ?? []
  if (path === undefined) return null
  end++
  while (source.text.startsWith('  ', end)) end = lineEnd(source.text, end) + 1
  const isNew = oldBlob !== undefined && /^0+$/.test(oldBlob)
  const isGone = newBlob !== undefined && /^0+$/.test(newBlob)
  const index = { oldMode: '160000', newMode: '160000', similarity: null, binaryPatch: null }
  const file: ChangedFile = {
    path: source.isBytes ? decode(path) : path,
    oldPath: null,
    status: isNew ? 'added' : isGone ? 'deleted' : 'modified',
    content: 'submodule',
    hunks: [],
    additions: 0,
    deletions: 0,
    index: { ...index, oldBlob: oldBlob ?? null, newBlob: newBlob ?? null },
  }
  return { file, end: Math.min(end, source.text.length) }
}

function fileOf(header: FileHeader, path: string, hunks: readonly Hunk[]): ChangedFile {
  const { oldPath, index } = header
  const content = contentOf(header.content, hunks)
  const hasNewMode =
    index !== null && index.oldMode !== null && index.newMode !== null && index.oldMode !== index.newMode
  const isBare = header.status === 'modified' && content === 'none' && hasNewMode
  return { path, oldPath, status: isBare ? 'changed' : header.status, content, hunks, ...countChanges(hunks), index }
}

/** A change of a submodule is one line of a known shape; the API tells it in no other way. */
export function contentOf(known: FileContent, hunks: readonly Hunk[]): FileContent {
  const [hunk] = hunks
  if (hunk === undefined) return known
  if (known === 'submodule') return known
  if (hunks.length > 1 || hunk.oldCount > 1 || hunk.newCount > 1) return 'text'
  return hunk.lines.every((line) => /^Subproject commit [0-9a-f]{40,64}(?:-dirty)?$/.test(line.text))
    ? 'submodule'
    : 'text'
}

export function countChanges(hunks: readonly Hunk[]): { additions: number; deletions: number } {
  let additions = 0
  let deletions = 0
  for (const hunk of hunks) {
    additions += hunk.additions
    deletions += hunk.deletions
  }
  return { additions, deletions }
}

function countLines(text: string, start: number, end: number): number {
  const feeds = countFeeds(text, start, end)
  return text[end - 1] === '\n' ? feeds : feeds + 1
}

function countFeeds(text: string, start: number, end: number): number {
  let feeds = 0
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) feeds++
  return feeds
}
