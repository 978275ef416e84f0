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

/** Offset of the line feed that ends the line at `start`, or of the end of the text. */
export function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end === -1 ? text.length : end
}
