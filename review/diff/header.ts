import type { FileContent, FileIndex, FileStatus } from './model.ts'
import { type Labels, resolvePaths } from './paths.ts'
import { lineEnd, type Source } from './source.ts'

export interface FileHeader {
  readonly path: string | null
  readonly oldPath: string | null
  /** Status and content as far as they are known before the hunks are read. */
  readonly status: FileStatus
  readonly content: FileContent
  readonly index: FileIndex | null
  /** The whole diff was written with CRLF line ends, so its content lines carry one return too many. */
  readonly stripReturn: boolean
  readonly end: number
}

type Field =
  | 'old'
  | 'new'
  | 'from'
  | 'to'
  | 'oldMode'
  | 'newMode'
  | 'added'
  | 'deleted'
  | 'blobs'
  | 'mode'
  | 'similarity'
  | 'dissimilarity'
  | 'isCopy'
  | 'binary'

const fields: readonly (readonly [prefix: string, field: Field])[] = [
  ['--- ', 'old'],
  ['+++ ', 'new'],
  ['index ', 'blobs'],
  ['old mode ', 'oldMode'],
  ['new mode ', 'newMode'],
  ['new file mode ', 'added'],
  ['deleted file mode ', 'deleted'],
  ['rename from ', 'from'],
  ['rename to ', 'to'],
  ['copy from ', 'from'],
  ['copy to ', 'to'],
  ['similarity index ', 'similarity'],
  ['dissimilarity index ', 'dissimilarity'],
  ['mode ', 'mode'],
  ['Binary files ', 'binary'],
]

/** Reads the lines from `diff --git`, `diff --cc` or `--- ` up to the first hunk. */
export function readHeader(source: Source, start: number): FileHeader {
  const { text } = source
  const found = new Map<Field, string>()
  let binaryPatch: string | null = null
  let position = start
  let git: string | null = null
  let combined: string | null = null
  let stripReturn = false
  const first = lineEnd(text, start)
  if (text.startsWith('diff ', start)) {
    stripReturn = text[first - 1] === '\r'
    const line = text.slice(start, stripReturn ? first - 1 : first)
    if (line.startsWith('diff --git ')) git = line.slice('diff --git '.length)
    else combined = line.replace(/^diff --(?:cc|combined) /, '')
    position = Math.min(first + 1, text.length)
  } else stripReturn = text[first - 1] === '\r'

  while (position < text.length) {
    const end = lineEnd(text, position)
    if (text.startsWith('GIT binary patch', position)) {
      const patchEnd = binaryPatchEnd(text, position)
      binaryPatch = text.slice(position, patchEnd)
      position = patchEnd
      break
    }
    const entry = fields.find(([prefix]) => text.startsWith(prefix, position))
    if (entry === undefined) break
    const [prefix, field] = entry
    if (found.has(field) && (field === 'old' || field === 'new' || field === 'binary')) break
    const valueEnd = text[end - 1] === '\r' && stripReturn ? end - 1 : end
    found.set(field, text.slice(position + prefix.length, valueEnd))
    if (prefix.startsWith('copy')) found.set('isCopy', '')
    position = Math.min(end + 1, text.length)
    if (field === 'new' || field === 'binary') break
  }

  const labels: Labels = {
    git: git ?? (combined === null ? null : `${combined} ${combined}`),
    old: found.get('old') ?? null,
    new: found.get('new') ?? null,
    from: found.get('from') ?? null,
    to: found.get('to') ?? null,
  }
  const isAdded = found.has('added') || isNull(labels.old)
  const isDeleted = found.has('deleted') || isNull(labels.new)
  // A combined header prints the bare path, but its `---` and `+++` lines carry prefixes.
  const paths =
    combined === null
      ? resolvePaths(labels, source.isBytes)
      : resolvePaths({ ...labels, old: null, new: null }, source.isBytes)
  const path = (isDeleted ? paths.old : paths.new) ?? paths.old ?? paths.new
  const index = readIndex(found, binaryPatch)
  const isMoved = !isAdded && !isDeleted && paths.old !== null && paths.old !== path
  return {
    path,
    oldPath: isMoved ? paths.old : null,
    status: isAdded
      ? 'added'
      : isDeleted
        ? 'deleted'
        : isMoved
          ? found.has('isCopy')
            ? 'copied'
            : 'renamed'
          : 'modified',
    content: found.has('binary') || binaryPatch !== null ? 'binary' : isSubmodule(index) ? 'submodule' : 'none',
    index,
    stripReturn,
    end: position,
  }
}

function isNull(label: string | null): boolean {
  return label !== null && /^\/dev\/null(?:\t.*)?$/.test(label)
}

function isSubmodule(index: FileIndex | null): boolean {
  return index?.oldMode === '160000' || index?.newMode === '160000'
}

/** A binary patch is one or two blocks of lines, each ended by an empty line. */
function binaryPatchEnd(text: string, start: number): number {
  let position = Math.min(lineEnd(text, start) + 1, text.length)
  while (/^(?:literal|delta) \d+\r?\n/.test(text.slice(position, position + 30))) {
    while (position < text.length) {
      const end = lineEnd(text, position)
      const isEmpty = end === position || (end === position + 1 && text[position] === '\r')
      position = Math.min(end + 1, text.length)
      if (isEmpty) break
    }
  }
  return position
}

function readIndex(found: ReadonlyMap<Field, string>, binaryPatch: string | null): FileIndex | null {
  if (found.size === 0 && binaryPatch === null) return null
  const blobs = /^([0-9a-f,]+)\.\.([0-9a-f]+)(?: (\d+))?/.exec(found.get('blobs') ?? '')
  const modes = /^([\d,]+)\.\.(\d+)/.exec(found.get('mode') ?? '')
  const unchanged = blobs?.[3] ?? null
  const similarity = percent(found.get('similarity'))
  const dissimilarity = percent(found.get('dissimilarity'))
  const index: FileIndex = {
    oldMode: found.get('oldMode') ?? found.get('deleted') ?? modes?.[1] ?? unchanged,
    newMode: found.get('newMode') ?? found.get('added') ?? modes?.[2] ?? unchanged,
    oldBlob: blobs?.[1] ?? null,
    newBlob: blobs?.[2] ?? null,
    similarity: similarity ?? (dissimilarity === null ? null : 100 - dissimilarity),
    binaryPatch,
  }
  return Object.values(index).every((value) => value === null) ? null : index
}

function percent(value: string | undefined): number | null {
  const digits = /^(\d{1,3})%/.exec(value ?? '')?.[1]
  return digits === undefined ? null : Number(digits)
}
