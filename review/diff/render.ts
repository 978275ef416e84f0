import type { ChangedFile, DiffLine, FileIndex, Hunk } from './model.ts'

/** The diff as `git diff` prints it with its default prefixes. */
export function renderDiff(files: readonly ChangedFile[]): string {
  return files.map(renderFile).join('')
}

function renderFile(file: ChangedFile): string {
  const isCombined = file.hunks.some((hunk) => hunk.otherParents.length > 0)
  const oldPath = file.oldPath ?? file.path
  const first = isCombined
    ? `diff --cc ${quote(file.path)}`
    : `diff --git ${quote(`a/${oldPath}`)} ${quote(`b/${file.path}`)}`
  const lines = [first, ...modeLines(file, isCombined), ...moveLines(file), ...indexLine(file.index)]
  if (file.index?.binaryPatch) return `${lines.join('\n')}\n${file.index.binaryPatch}`
  const oldLabel = file.status === 'added' ? '/dev/null' : label(`a/${oldPath}`)
  const newLabel = file.status === 'deleted' ? '/dev/null' : label(`b/${file.path}`)
  if (file.content === 'binary') lines.push(`Binary files ${oldLabel.trimEnd()} and ${newLabel.trimEnd()} differ`)
  if (file.hunks.length > 0) lines.push(`--- ${oldLabel}`, `+++ ${newLabel}`)
  return `${lines.join('\n')}\n${file.hunks.map(renderHunk).join('')}`
}

function modeLines(file: ChangedFile, isCombined: boolean): string[] {
  const { oldMode = null, newMode = null } = file.index ?? {}
  if (isCombined) return []
  if (file.status === 'added') return newMode === null ? [] : [`new file mode ${newMode}`]
  if (file.status === 'deleted') return oldMode === null ? [] : [`deleted file mode ${oldMode}`]
  return oldMode === newMode ? [] : [`old mode ${oldMode}`, `new mode ${newMode}`]
}

function moveLines(file: ChangedFile): string[] {
  if (file.oldPath === null) return []
  const word = file.status === 'copied' ? 'copy' : 'rename'
  const similarity = file.index?.similarity ?? null
  return [
    ...(similarity === null ? [] : [`similarity index ${similarity}%`]),
    `${word} from ${quote(file.oldPath)}`,
    `${word} to ${quote(file.path)}`,
  ]
}

function indexLine(index: FileIndex | null): string[] {
  if (index?.oldBlob == null || index.newBlob === null) return []
  return [
    `index ${index.oldBlob}..${index.newBlob}${index.oldMode === index.newMode && index.oldMode !== null ? ` ${index.oldMode}` : ''}`,
  ]
}

/** The hunk with its header, each line ended by a line feed. */
export function renderHunk(hunk: Hunk): string {
  const ats = '@'.repeat(2 + hunk.otherParents.length)
  const olds = [{ start: hunk.oldStart, count: hunk.oldCount }, ...hunk.otherParents]
  const ranges = olds.map((range) => `-${rangeText(range.start, range.count)}`).join(' ')
  const section = hunk.section === '' ? '' : ` ${hunk.section}`
  const header = `${ats} ${ranges} +${rangeText(hunk.newStart, hunk.newCount)} ${ats}${section}\n`
  return header + hunk.lines.map(renderLine).join('')
}

function renderLine(line: DiffLine): string {
  const marks = line.marks ?? markOf(line)
  return `${marks}${line.text}\n${line.noNewline ? '\\ No newline at end of file\n' : ''}`
}

export function markOf(line: DiffLine): '+' | '-' | ' ' {
  return line.kind === 'added' ? '+' : line.kind === 'deleted' ? '-' : ' '
}

function rangeText(start: number, count: number): string {
  return count === 1 ? `${start}` : `${start},${count}`
}

/** A `---` line whose name holds a space ends with a tab, so that `patch` finds the end of the name. */
function label(name: string): string {
  return name.includes(' ') ? `${quote(name)}\t` : quote(name)
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '"': '"',
  '\\': '\\',
}

/** Quotes as git does with `core.quotePath` on: everything but printable ASCII. */
function quote(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name) && !/["\\]/.test(name)) return name
  const quoted = Array.from(Buffer.from(name, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte)
    const letter = escapes[character]
    if (letter !== undefined) return `\\${letter}`
    return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, '0')}`
  })
  return `"${quoted.join('')}"`
}
