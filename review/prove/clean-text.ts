/**
 * Text of a model without what a reader cannot see: control and format characters (zero width, direction, tags), lone
 * surrogates, private use, piled-up accents. Line feeds and tabs stay. Safe for a terminal and for JSON; for Markdown see
 * `sanitizeModelText`.
 */
export function cleanModelText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/gu, '\n')
    .replace(invisible, '')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
}

const invisible =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}]|\u115F|\u1160|\u3164|\uFFA0|\u034F|\uFFFD|[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}]/gu

/** The same on one line, cut at a word where it is too long. */
export function cleanModelLine(text: string, maxCharacters: number): string {
  return shorten(cleanModelText(text).replace(/\s+/gu, ' ').trim(), maxCharacters)
}

/** Cuts at a space near the end, never inside a character. */
export function shorten(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  const head = text.slice(0, maxCharacters - 1)
  const space = head.lastIndexOf(' ')
  const cut = space > maxCharacters * 0.7 ? head.slice(0, space) : head
  return `${cut.replace(/[\uD800-\uDBFF]$/u, '').trimEnd()}…`
}
