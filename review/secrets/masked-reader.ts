import { maskFor } from './mask.ts'
import { findSecretPlaces } from './patterns.ts'
import type { SecretScanner } from './secretlint.ts'

type Read = (path: string) => Promise<string | null>

/** Reads files with their secrets masked, so that nothing behind it has to think of them; line numbers stay. */
export function maskedReader(read: Read, scan: SecretScanner): Read {
  return async (path) => {
    const text = await read(path)
    if (text === null || text === '') return text
    const places = [...findSecretPlaces(text), ...(await scan(text))]
    return places.length === 0 ? text : maskFor(text, places)(text)
  }
}
