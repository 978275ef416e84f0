import { findSecretPlaces, mergePlaces, type SecretPlace } from './patterns.ts'

/** How every mask begins: `[secret: GitHub token]`. */
export const maskSign = '[secret:'

/** Replaces what looks like a secret. For logs, comments and errors; a change is masked by `findSecrets`, which knows more. */
export function maskSecrets(text: string): string {
  return maskPlaces(text, findSecretPlaces(text))
}

/** Line breaks inside a secret stay, so that line numbers do. */
export function maskPlaces(text: string, places: readonly SecretPlace[]): string {
  let masked = ''
  let done = 0
  for (const { kind, start, end } of mergePlaces(places)) {
    const lines = text.slice(start, end).split('\n')
    const shown = lines.map((line) => (line.trim() === '' ? line : `${maskSign} ${kind}]`))
    masked += text.slice(done, start) + shown.join('\n')
    done = end
  }
  return masked + text.slice(done)
}

/** Shorter values are words: masking them everywhere would hide the code. */
const minValueCharacters = 8

/** A mask that also hides these very values wherever they stand; it keeps them to itself. */
export function maskFor(text: string, places: readonly SecretPlace[]): (other: string) => string {
  const kinds = new Map<string, string>()
  for (const { kind, start, end } of places) {
    for (const line of text.slice(start, end).split('\n')) {
      if (line.trim().length >= minValueCharacters && !line.includes('-----')) kinds.set(line.trim(), kind)
    }
  }
  const values = [...kinds.keys()].sort((left, right) => right.length - left.length)
  return (other) => {
    const known = values.flatMap((value) => placesOf(other, value, kinds.get(value) ?? 'secret'))
    return maskPlaces(other, [...known, ...findSecretPlaces(other)])
  }
}

function placesOf(text: string, value: string, kind: string): SecretPlace[] {
  const places: SecretPlace[] = []
  for (let start = text.indexOf(value); start !== -1; start = text.indexOf(value, start + value.length)) {
    places.push({ kind, start, end: start + value.length, isCertain: true })
  }
  return places
}
