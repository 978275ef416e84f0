import type { List, ListItem } from 'mdast'
import { lineOf, rangeOf } from './node-range.ts'
import type { Range, Splice, SubItem, Task, TaskScope } from './plan.ts'
import { mergeScopes, NO_SCOPE, readScopeEntry } from './scope.ts'
import { issuesIn, readTaskText } from './task-text.ts'

interface TaskRead {
  readonly task: Task
  readonly problems: readonly string[]
  /** What of the task may change without changing the plan: boxes below it and evidence. */
  readonly free: readonly Splice[]
}

/** Reads a check box of a phase with its sub-items; `textRange` is its own line or lines. */
export function readTask(
  source: string,
  item: ListItem,
  { phase, done, textRange }: { readonly phase: number; readonly done: boolean; readonly textRange: Range },
): TaskRead {
  const raw = source.slice(textRange.start, textRange.end)
  const { id, text, scope: braces, evidence, problems } = readTaskText(raw)
  const below = readSubItems(source, item)
  const scope = mergeScopes(braces, below.scope)
  const range = { start: boxStart(source, item) ?? textRange.start, end: textRange.end }
  const task: Task = {
    ...scope,
    issues: [...scope.issues, ...issuesIn([...evidence, ...below.evidence])],
    id,
    text,
    done,
    evidence,
    subItems: below.items,
    phase,
    line: lineOf(item),
    place: { range, braces },
  }
  return { task, problems, free: below.free }
}

/** Tasks whose id another one has before them, with the line of the first. */
export function repeatedIds(tasks: readonly Task[]) {
  const lines = new Map<string, number>()
  return tasks.flatMap(({ id, line }) => {
    if (id === null) return []
    const first = lines.get(id)
    if (first !== undefined) return [{ id, line, first }]
    lines.set(id, line)
    return []
  })
}

/** The check box of an item as a splice that empties it; none when it has no box. */
export function freeBox(source: string, item: ListItem): readonly Splice[] {
  const start = boxStart(source, item)
  return start === undefined ? [] : [{ start, end: start + 3, text: '[ ]' }]
}

/** The text range of an item's first paragraph; null when it begins with something else. */
export function textRangeOf(item: ListItem): Range | null {
  const [first] = item.children
  return first?.type === 'paragraph' ? rangeOf(first) : null
}

function readSubItems(source: string, item: ListItem) {
  const items: SubItem[] = []
  const evidence: string[] = []
  const free: Splice[] = []
  let scope: TaskScope = NO_SCOPE
  for (const child of item.children.flatMap((node) => (node.type === 'list' ? node.children : []))) {
    const range = textRangeOf(child)
    const raw = range ? source.slice(range.start, range.end).replaceAll(/\s+/gu, ' ').trim() : ''
    const entry = readScopeEntry(raw.replace(/^`(.*)`$/u, '$1'))
    const proof = /^evidence\s*:\s*(.+)$/iu.exec(raw)
    if (entry) scope = mergeScopes(scope, entry.scope)
    else if (proof?.[1]) {
      evidence.push(proof[1])
      free.push({ ...rangeOf(child), text: '' })
    } else items.push({ text: raw, done: child.checked ?? null })
    free.push(...freeBox(source, child), ...child.children.flatMap((node) => freeBoxes(source, node)))
  }
  return { items, scope, evidence, free }
}

function freeBoxes(source: string, node: ListItem['children'][number]): readonly Splice[] {
  if (node.type !== 'list') return []
  const list: List = node
  return list.children.flatMap((item) => [
    ...freeBox(source, item),
    ...item.children.flatMap((child) => freeBoxes(source, child)),
  ])
}

function boxStart(source: string, item: ListItem): number | undefined {
  if (typeof item.checked !== 'boolean') return undefined
  const box = source.indexOf('[', rangeOf(item).start)
  return box < 0 ? undefined : box
}
