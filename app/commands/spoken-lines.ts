export interface SpokenLine {
  /** 1-based. */
  readonly number: number
  readonly text: string
}

const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/
const QUOTE = /^ {0,3}>/
const BLANK = /^\s*$/
/** Lines longer than this are no commands; looking for the first word then costs nothing. */
const STRUCTURE = /^ {0,3}(?:#{1,6}(?:\s|$)|(?:[-*_] *){3,}$)/

/**
 * The lines of a Markdown text that a person spoke: not those in code blocks, inline code over several lines, quotes and HTML comments.
 * Each character is looked at a fixed number of times, whatever the text.
 */
export function spokenLines(text: string): readonly SpokenLine[] {
  const lines = withoutHtmlComments(text).split('\n')
  const spoken: SpokenLine[] = []
  let paragraph: SpokenLine[] = []
  let fence: string | undefined
  let isQuote = false

  const endParagraph = () => {
    for (const line of outsideInlineCode(paragraph)) spoken.push(line)
    paragraph = []
  }
  for (const [index, line] of lines.entries()) {
    const opening = FENCE.exec(line)?.[1]
    if (fence !== undefined) {
      if (opening?.startsWith(fence) && line.trim() === opening) fence = undefined
      continue
    }
    if (BLANK.test(line)) {
      endParagraph()
      isQuote = false
    } else if (opening !== undefined) {
      endParagraph()
      fence = opening
      isQuote = false
    } else if (QUOTE.test(line)) {
      endParagraph()
      isQuote = true
    } else if (STRUCTURE.test(line)) {
      endParagraph()
      isQuote = false
    } else if (!isQuote && (paragraph.length > 0 || !/^(?: {4}| {0,3}\t)/.test(line))) {
      // A line right below a quote still belongs to it, and four spaces begin code unless a paragraph goes on.
      paragraph.push({ number: index + 1, text: line })
    }
  }
  endParagraph()
  return spoken
}

/** Comments become blanks of as many lines; one that is never closed hides the rest. */
function withoutHtmlComments(text: string): string {
  const normal = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  let kept = ''
  for (let at = 0; ; ) {
    const start = normal.indexOf('<!--', at)
    if (start === -1) return kept + normal.slice(at)
    const end = normal.indexOf('-->', start + 4)
    const hidden = end === -1 ? normal.slice(start) : normal.slice(start, end + 3)
    // What stands on the same line after a comment is not the first word of its line.
    kept += `${normal.slice(at, start)}\u0000${hidden.replaceAll(/[^\n]/g, '').replaceAll('\n', '\n\u0000')}`
    if (end === -1) return kept
    at = end + 3
  }
}

/** Leaves out lines that begin inside a code span: runs of backticks pair up with the next run of the same length. */
function outsideInlineCode(paragraph: readonly SpokenLine[]): readonly SpokenLine[] {
  const runs: { readonly line: number; readonly length: number }[] = []
  for (const [line, { text }] of paragraph.entries())
    for (const match of text.matchAll(/`+/g)) runs.push({ line, length: match[0].length })
  if (runs.length === 0) return paragraph

  const nextOfLength = nextOfSameLength(runs)
  const inCode = new Set<number>()
  for (let at = 0; at < runs.length; at++) {
    const closing = nextOfLength[at]
    if (closing === undefined) continue
    for (let line = (runs[at]?.line ?? 0) + 1; line <= (runs[closing]?.line ?? 0); line++) inCode.add(line)
    at = closing
  }
  return paragraph.filter((_, line) => !inCode.has(line))
}

/** For each run the index of the next one as long, found from the end in one pass. */
function nextOfSameLength(runs: readonly { readonly length: number }[]): readonly (number | undefined)[] {
  const latest = new Map<number, number>()
  const next: (number | undefined)[] = []
  for (let at = runs.length - 1; at >= 0; at--) {
    const length = runs[at]?.length ?? 0
    next[at] = latest.get(length)
    latest.set(length, at)
  }
  return next
}
