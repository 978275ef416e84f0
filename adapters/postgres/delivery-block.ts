import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** JSON holds no NUL, and PostgreSQL's texts do not either. */
const BETWEEN = Buffer.from('\0')
/** The fastest level: payloads of one installation are so alike that a batch becomes a fiftieth. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Many texts as one block, in Base64: the embedded database reads a parameter only as text. */
export function packTexts(texts: readonly string[]): string {
  // Joining the texts first would copy every letter twice more.
  const parts = texts.flatMap((text, index) => (index === 0 ? [Buffer.from(text)] : [BETWEEN, Buffer.from(text)]))
  return zstdCompressSync(Buffer.concat(parts), FAST).toString('base64')
}

export function unpackTexts(packed: string): readonly string[] {
  return zstdDecompressSync(Buffer.from(packed, 'base64')).toString().split('\0')
}
