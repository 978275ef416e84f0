import type { Heading, List, ListItem, Paragraph, RootContent } from 'mdast'
import { withoutBom } from '../../config/read-yaml.ts'
import { type FrontMatter, readFrontMatter } from './front-matter.ts'
import { readBlocks } from './markdown-tree.ts'
import { lineOf, rangeOf } from './node-range.ts'
import { findPhaseInBrackets, findPhaseLine, type PhaseLine } from './phase-line.ts'
import { settlePhases, type PhaseDraft } from './phases.ts'
import type { Plan, PlanProblem, Range, Splice, Task, Tombstone, VersionClaim } from './plan.ts'
import { freeBox, readTask, repeatedIds, textRangeOf } from './read-task.ts'
import { readTitle } from './read-title.ts'
import { findTombstone, readTaskText } from './task-text.ts'
import { findFileVersion } from './version.ts'

/** Two seconds of reading; a plan of a hundred phases has a tenth of it. */
const MAX_CHARS = 2_000_000
const LAST_UPDATED = /last updated\s*:?\s*(\d{4}-\d{2}-\d{2})/iu

/** Reads a plan. Never throws: what cannot be understood is in `problems`, with line and what was expected. */
export function parsePlan(text: string, path = 'plan.md'): Plan {
  const source = withoutBom(text)
  const reader = new PlanReader(source, path)
  if (source.length > MAX_CHARS)
    reader.problem('unreadable', 1, `the plan has ${source.length} characters; at most ${MAX_CHARS} are read`)
  else reader.readAll()
  return reader.plan()
}

/** Collects what the blocks of one document say, in the order in which they stand. */
class PlanReader {
  readonly #source: string
  readonly #path: string
  readonly #problems: PlanProblem[] = []
  readonly #tasks: Task[] = []
  readonly #tombstones: Tombstone[] = []
  readonly #headings: PhaseDraft[] = []
  readonly #roadmap: PhaseDraft[] = []
  readonly #sections: PhaseDraft[] = []
  readonly #free: Splice[] = []
  readonly #claims: VersionClaim[] = []
  readonly #versionPlaces: (Range & { readonly by: 'title' | 'front matter' })[] = []
  readonly #datePlaces: Range[] = []
  #frontMatter: FrontMatter | null = null
  #title: string | null = null
  #titleDate: string | null = null
  #proseDate: string | null = null
  /** The phase the reader is in, the depth of its heading, and whether that is a phase heading or a section for a phase. */
  #inside: { readonly phase: number; readonly depth: number; readonly draft: PhaseDraft } | null = null

  constructor(source: string, path: string) {
    this.#source = source
    this.#path = path
  }

  problem(code: PlanProblem['code'], line: number, message: string): void {
    if (this.#problems.length < 1000) this.#problems.push({ path: this.#path, line, message, code })
  }

  readAll(): void {
    const fileVersion = findFileVersion(this.#path)
    if (fileVersion) this.#claims.push({ by: 'file name', version: fileVersion, line: 1 })
    for (const node of this.#blocks()) this.#readBlock(node)
    this.#leaveSection(1, this.#source.length)
    for (const { id, line, first } of repeatedIds(this.#tasks))
      this.problem('duplicate-id', line, `${id} stands here and in line ${first}; give one of them a new id`)
  }

  plan(): Plan {
    const by = (source: VersionClaim['by']) => this.#claims.find((claim) => claim.by === source)?.version
    const settled = settlePhases({
      headings: this.#headings,
      roadmap: this.#roadmap,
      sections: this.#sections,
      tasks: this.#tasks,
      current: this.#frontMatter?.phase ?? null,
    })
    for (const { line, message } of settled.problems) this.problem('state', line, message)
    return {
      path: this.#path,
      title: this.#title ?? '',
      version: by('front matter') ?? by('file name') ?? by('title') ?? null,
      versionClaims: this.#claims,
      date: this.#frontMatter?.updated ?? this.#proseDate ?? this.#titleDate,
      owners: this.#frontMatter?.owners ?? [],
      phases: settled.phases,
      tasks: this.#tasks,
      tombstones: this.#tombstones,
      problems: this.#problems,
      source: this.#source,
      free: this.#free,
      versionPlaces: this.#versionPlaces,
      datePlaces: this.#datePlaces,
    }
  }

  #blocks(): readonly RootContent[] {
    try {
      return readBlocks(this.#source).children
    } catch (error) {
      this.problem('unreadable', 1, `the plan cannot be read as Markdown (${String(error)})`)
      return []
    }
  }

  #readBlock(node: RootContent): void {
    if (node.type === 'yaml') this.#readFrontMatter(rangeOf(node))
    else if (node.type === 'heading') this.#readHeading(node)
    else if (node.type === 'list') this.#readList(node)
    else if (node.type === 'paragraph') this.#readParagraph(node)
  }

  #readFrontMatter(range: Range): void {
    const start = this.#source.indexOf('\n', range.start) + 1
    const end = Math.max(start, this.#source.lastIndexOf('\n', range.end - 1))
    const front = readFrontMatter(this.#source.slice(start, end).replace(/\r$/u, ''), start, 2)
    this.#frontMatter = front
    for (const { line, message } of front.problems) this.problem('front-matter', line, message)
    if (front.version) this.#claims.push({ by: 'front matter', version: front.version, line: front.versionLine })
    if (front.version && front.versionRange) {
      this.#versionPlaces.push({ ...front.versionRange, by: 'front matter' })
      this.#free.push({ ...front.versionRange, text: '' })
    }
    if (front.updated && front.updatedRange) {
      this.#datePlaces.push(front.updatedRange)
      this.#free.push({ ...front.updatedRange, text: '' })
    }
  }

  #readHeading(node: Heading): void {
    const range = rangeOf(node)
    const raw = this.#source.slice(range.start, range.end).replace(/^[#\s]+/u, '')
    const line = lineOf(node)
    this.#leaveSection(node.depth, range.start)
    const phase = findPhaseLine(raw)
    if (phase) {
      const draft = this.#draftOf(phase, line, range.start)
      const first = this.#headings.find((other) => other.number === phase.number)
      if (first)
        this.problem(
          'duplicate-phase',
          line,
          `Phase ${phase.number} has a heading already, in line ${first.line}; give it another number`,
        )
      this.#headings.push(draft)
      this.#inside = { phase: phase.number, depth: node.depth, draft }
      return
    }
    const inBrackets = findPhaseInBrackets(raw)
    if (inBrackets && this.#inside === null) {
      const draft = this.#draftOf(inBrackets, line, range.start)
      this.#sections.push(draft)
      this.#inside = { phase: inBrackets.number, depth: node.depth, draft }
    }
    if (this.#title === null && node.depth === 1) this.#readTitle(raw, range, line)
  }

  #readTitle(raw: string, range: Range, line: number): void {
    const { title, version, date } = readTitle(raw, range.end - raw.length)
    this.#title = title
    if (version) {
      this.#claims.push({ by: 'title', version: version.version, line })
      this.#versionPlaces.push({ ...version.range, by: 'title' })
      this.#free.push({ ...version.range, text: '' })
    }
    if (date) {
      this.#titleDate = date.text
      this.#noteDate(date.start, date.text)
    }
  }

  #readParagraph(node: Paragraph): void {
    const range = rangeOf(node)
    const raw = this.#source.slice(range.start, range.end)
    const date = LAST_UPDATED.exec(raw)
    if (date?.[1]) {
      this.#proseDate ??= date[1]
      this.#noteDate(range.start + date.index + date[0].lastIndexOf(date[1]), date[1])
    }
    if (this.#inside !== null) return
    for (const [index, text] of raw.split('\n').entries()) {
      const phase = findPhaseLine(text)
      if (phase?.state) this.#roadmap.push(this.#draftOf(phase, lineOf(node) + index, null))
    }
  }

  #readList(list: List): void {
    for (const item of list.children) this.#readItem(item)
  }

  #readItem(item: ListItem): void {
    const range = textRangeOf(item)
    const raw = range ? this.#source.slice(range.start, range.end) : ''
    if (this.#inside !== null) {
      const tombstone = findTombstone(raw)
      if (tombstone) {
        this.#tombstones.push({ ...tombstone, line: lineOf(item) })
        this.#free.push(...freeBox(this.#source, item))
        return
      }
      if (typeof item.checked === 'boolean' && range) {
        this.#readTask(item, item.checked, range)
        return
      }
    } else {
      const phase = findPhaseLine(raw)
      const state = phase?.state ?? (item.checked === true ? 'done' : item.checked === false ? 'open' : null)
      if (phase && state && range) this.#roadmap.push(this.#draftOf({ ...phase, state }, lineOf(item), null))
      else if (typeof item.checked === 'boolean') this.#warnOutside(raw, lineOf(item))
    }
    this.#free.push(...freeBox(this.#source, item))
    for (const child of item.children) if (child.type === 'list') this.#readList(child)
  }

  #warnOutside(raw: string, line: number): void {
    const { id } = readTaskText(raw)
    if (id)
      this.problem(
        'outside-phase',
        line,
        `${id} stands outside of any phase; a task is a check box below a heading "Phase N"`,
      )
  }

  #readTask(item: ListItem, done: boolean, textRange: Range): void {
    const phase = this.#inside?.phase ?? 0
    const { task, problems, free } = readTask(this.#source, item, { phase, done, textRange })
    for (const message of problems) this.problem('scope', task.line, message)
    this.#free.push(...free)
    this.#tasks.push(task)
  }

  #draftOf(phase: PhaseLine, line: number, start: number | null): PhaseDraft {
    const range = start === null ? null : { start, end: this.#source.length }
    return { ...phase, line, range }
  }

  /** Ends the phase or section that a heading of `depth` at `offset` does not belong to any more. */
  #leaveSection(depth: number, offset: number): void {
    const inside = this.#inside
    if (inside === null || depth > inside.depth) return
    if (inside.draft.range) inside.draft.range.end = offset
    this.#inside = null
  }

  #noteDate(start: number, date: string): void {
    this.#datePlaces.push({ start, end: start + date.length })
    this.#free.push({ start, end: start + date.length, text: '' })
  }
}
