import { isAscii, isUtf8 } from 'node:buffer'

/**
 * The text of a diff, kept so that scanning is cheap and nothing is lost: bytes are held one per character
 * (Latin-1), because a diff may mix encodings, and become UTF-8 only where a line is asked for.
 */
export interface Source {
  readonly text: string
  readonly isBytes: boolean
}

/** Longest string that V8 can hold; a longer input has no text. */
const maxLength = 0x1fffffe8

export function sourceOf(input: string | Uint8Array): Source | null {
  if (typeof input === 'string') return { text: input, isBytes: false }
  if (input.byteLength > maxLength) return null
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength)
  return { text: bytes.toString('latin1'), isBytes: !isAscii(bytes) }
}

export function textAt(source: Source, start: number, end: number): string {
  const raw = source.text.slice(start, end)
  return source.isBytes ? decode(raw) : raw
}

/** UTF-8 bytes held one per character become text; a line that is not UTF-8 is read as Latin-1. */
export function decode(raw: string): string {
  if (!/[\x80-\xff]/.test(raw)) return raw
  const bytes = Buffer.from(raw, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : raw
}

/** As {@link textAt}, for text that git may have cut inside a character (the section of a hunk, at 80 bytes): that one goes. */
export function cutTextAt(source: Source, start: number, end: number): string {
  const raw = source.text.slice(start, end)
  if (!source.isBytes) return raw.replace(/\uFFFD+$/u, '')
  const [tail = ''] = /[\xc0-\xff][\x80-\xbf]{0,2}$/.exec(raw) ?? []
  const whole = raw.slice(0, raw.length - tail.length)
  const isCut = tail !== '' && !isUtf8(Buffer.from(tail, 'latin1')) && isUtf8(Buffer.from(whole, 'latin1'))
  return decode(isCut ? whole : raw)
}

/** Offset of the line feed that ends the line at `start`, or of the end of the text. */
export function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end === -1 ? text.length : end
}
