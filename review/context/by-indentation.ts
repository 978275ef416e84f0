const maxLevels = 3

/** The lines above that stand further left, outermost first: what encloses a line in most languages, without knowing any. */
export function enclosingByIndentation(lines: readonly string[], line: number, shownFrom: number): string[] {
  let indent = indentAt(lines, line)
  const found: string[] = []
  for (let above = line - 1; above >= 1 && indent > 0 && found.length < maxLevels; above--) {
    const text = lines[above - 1] ?? ''
    if (text.trim() === '' || width(text) >= indent) continue
    indent = width(text)
    if (above < shownFrom && opens(text)) found.unshift(text.trim())
  }
  return found
}

/** Indentation of the line, or of the next one that is not blank. */
function indentAt(lines: readonly string[], line: number): number {
  const text = lines.slice(line - 1, line + 20).find((candidate) => candidate.trim() !== '')
  return text === undefined ? 0 : width(text)
}

function width(text: string): number {
  const indent = /^[ \t]*/.exec(text)?.[0] ?? ''
  return indent.replaceAll('\t', '    ').length
}

/** Something begins here; closing braces and labels of a block's middle say nothing. */
function opens(text: string): boolean {
  return /[\p{L}_]{2}/u.test(text) && !/^\s*(?:\}|\)|\]|else\b|elif\b|except\b|finally\b|end\b)/.test(text)
}
