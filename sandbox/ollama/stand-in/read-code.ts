/** One line of code found in a prompt, with the place the prompt gives it. */
export interface CodeLine {
  readonly path: string
  readonly line: number
  readonly text: string
  /** `plain`: numbered, without a sign. */
  readonly mark: 'added' | 'removed' | 'context' | 'plain'
}

const pathText = String.raw`[\w@$()[\]+~-][\w@$()[\]+~./-]*\.[A-Za-z][A-Za-z0-9]{0,9}`

const fileHeaders = [
  new RegExp(String.raw`^\+\+\+ (?:b/)?(${pathText})`),
  new RegExp(`^diff --git .* b/(${pathText})$`),
  /<(?:file|document|diff|hunk|code|source)\b[^>]*?\b(?:path|name|file|src)=["']([^"']+)["']/i,
  new RegExp(
    String.raw`^(?:#{1,6}\s+|[-*=]{2,}\s*)?(?:\*\*)?(?:file|path|filename)\b\s*:?\s*[\`"']?(${pathText})`,
    'i',
  ),
  new RegExp(String.raw`^(?:#{1,6}\s+|={2,}\s+|-{3,}\s+|\*\*)[\`"']?(${pathText})`),
  new RegExp(String.raw`^[\`"']?(${pathText})[\`"']?:?$`),
]

const hunkHeader = /^@@+ (?:-\d+(?:,\d+)? \+)?(\d+)\b/

// A line of a hunk: its sign, and before it at times its number.
const hunkLine = /^(\d*)([+\- ])(.*)$/

// Number first ("12 + code", "12: +code", "L12|+ code", "11 12 + code"), or sign first ("+ 12| code").
const numberFirst = /^\s*\[?L?(?:(?:\d+|-)\s+)?(\d+)\]?(?:\s*[:|]\s?|\s|\t)\s?([+-])?(?:\s*\|)?( ?)(.*)$/
const signFirst = /^([+\- ])\s*\[?L?(\d+)\]?\s*[|:](?: |\t)?(.*)$/

/** Reads every line of code that a prompt shows, whatever of the common shapes it is written in. */
export function readCode(prompt: string): CodeLine[] {
  const found: CodeLine[] = []
  let path = ''
  let block: string[] = []
  let hunkStart: number | undefined
  const flush = (): void => {
    if (path !== '') found.push(...readBlock(path, block, hunkStart))
    block = []
  }
  for (const line of prompt.split('\n')) {
    const header = /^--- (?:a\/|\/dev\/null)/.test(line) ? '' : headerPath(line)
    const hunk = hunkHeader.exec(line)
    if (header !== undefined) {
      flush()
      hunkStart = undefined
      if (header !== '') path = header
    } else if (hunk !== null) {
      flush()
      hunkStart = Number(hunk[1])
    } else if (/^(?:```|<\/)/.test(line)) {
      flush()
      if (line.startsWith('</')) hunkStart = undefined
    } else {
      block.push(line)
    }
  }
  flush()
  return found
}

function headerPath(line: string): string | undefined {
  for (const pattern of fileHeaders) {
    const path = pattern.exec(line)?.[1]
    if (path !== undefined) return path
  }
  return undefined
}

function readBlock(path: string, block: readonly string[], hunkStart: number | undefined): CodeLine[] {
  const annotated = readAnnotated(path, block)
  const filled = block.filter((line) => line.trim() !== '').length
  if (annotated.length > 0 && annotated.length >= filled * (hunkStart === undefined ? 0.3 : 0.6)) return annotated
  return hunkStart === undefined ? [] : readRawHunk(path, block, hunkStart)
}

function readAnnotated(path: string, block: readonly string[]): CodeLine[] {
  const lines: CodeLine[] = []
  for (const text of block) {
    const signed = signFirst.exec(text)
    if (signed !== null) {
      lines.push({ path, line: Number(signed[2]), text: signed[3] ?? '', mark: markOf(signed[1], true) })
      continue
    }
    const numbered = numberFirst.exec(text)
    if (numbered === null) continue
    lines.push({ path, line: Number(numbered[1]), text: numbered[4] ?? '', mark: markOf(numbered[2], false) })
  }
  const hasSigns = lines.some((line) => line.mark === 'added')
  return hasSigns ? lines.map((line) => (line.mark === 'plain' ? { ...line, mark: 'context' } : line)) : lines
}

function markOf(sign: string | undefined, isSpaceContext: boolean): CodeLine['mark'] {
  if (sign === '+') return 'added'
  if (sign === '-') return 'removed'
  return isSpaceContext ? 'context' : 'plain'
}

function readRawHunk(path: string, block: readonly string[], hunkStart: number): CodeLine[] {
  const lines: CodeLine[] = []
  let next = hunkStart
  for (const [index, text] of block.entries()) {
    if (text.startsWith('\\')) continue
    const [, number, sign, body] = hunkLine.exec(text) ?? []
    const isBlank = text === '' && hunkLine.test(block[index + 1] ?? '')
    if (sign === undefined && !isBlank) break
    if (sign === '-') {
      lines.push({ path, line: next, text: body ?? '', mark: 'removed' })
      continue
    }
    if (number) next = Number(number)
    lines.push({ path, line: next, text: body ?? '', mark: sign === '+' ? 'added' : 'context' })
    next += 1
  }
  return lines
}
