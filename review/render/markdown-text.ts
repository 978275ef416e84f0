/** Text from paths, code and people, made harmless inside Markdown. */

/** As a code span, whatever backticks it holds; on one line. */
export function codeSpan(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim()
  if (line === '') return ''
  const longest = longestRun(line, '`')
  const ticks = '`'.repeat(longest + 1)
  return longest === 0 ? `\`${line}\`` : `${ticks} ${line} ${ticks}`
}

/** A fenced block that its own content cannot close. */
export function fencedBlock(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text, '`') + 1))
  return `${fence}${language}\n${text}\n${fence}`
}

/** In a table cell: no bar, no line break. */
export function cell(markdown: string): string {
  return markdown.replaceAll('|', '\\|').replace(/(?<!\s)\s*\n\s*/gu, ' ')
}

/** `| a | b |` lines with a header. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export function details(summary: string, body: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`
}

function longestRun(text: string, character: string): number {
  let longest = 0
  let run = 0
  for (const each of text) {
    run = each === character ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}
