const CODE = /`([^`\n]+)`/gu
// Everything that can begin Markdown or HTML. Mentions are found by GitHub after rendering, so an escape does not stop them; a word joiner does.
const SIGNS = /[\\`*_~[\]<>|!#&$]/gu
const JOINER = '\u2060'

/**
 * Text that strangers may have written, for one cell of a Markdown table. Code in backticks stays code; everything else is shown as it is:
 * no link, mention, comment, table border or new line can be forged.
 */
export function escapeMarkdown(text: string): string {
  const line = oneLine(text)
  let result = ''
  let at = 0
  for (const match of line.matchAll(CODE)) {
    const code = match[1] ?? ''
    // Readers of tables disagree about `\\|` inside of code.
    if (code.includes('\\') && code.includes('|')) continue
    result += escapePlain(line.slice(at, match.index))
    // Two runs of backticks that touch would be read as one.
    result += `${result.endsWith('`') ? ' ' : ''}\`${code.replaceAll('|', '\\|')}\``
    at = match.index + match[0].length
  }
  const rest = escapePlain(line.slice(at))
  return result + (result.endsWith('`') && rest.startsWith('\\`') ? ' ' : '') + rest
}

/** One line without signs that steer a terminal or turn the reading direction. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim()
}

/** Cut at `max` characters, saying so. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`
}

function escapePlain(text: string): string {
  return text
    .replaceAll(SIGNS, (sign) => (sign === '<' ? '&lt;' : sign === '>' ? '&gt;' : sign === '&' ? '&amp;' : `\\${sign}`))
    .replaceAll('@', `@${JOINER}`)
    .replaceAll(/(https?|ftp):\/\//giu, `$1:${JOINER}//`)
    .replaceAll(/(www)\./giu, `$1${JOINER}.`)
}
