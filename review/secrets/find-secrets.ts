import type { ChangedFile, DiffLine, Hunk } from '../diff/model.ts'
import type { ProvedFinding } from '../prove/prove.ts'
import { maskFor } from './mask.ts'
import { findSecretPlaces, mergePlaces, type SecretPlace } from './patterns.ts'
import type { SecretScanner } from './secretlint.ts'

export interface SecretReport {
  /** One per secret on an added line; they never hold a value. */
  readonly findings: readonly ProvedFinding[]
  /** The change as models, comments, logs and receipts may see it. */
  readonly files: readonly ChangedFile[]
  /** Hides the secrets of this change, and whatever looks like one, in any other text. */
  readonly mask: (text: string) => string
}

/** Finds the secrets of a change: on added lines they are reported, on all lines masked. */
export async function findSecrets(files: readonly ChangedFile[], scan: SecretScanner): Promise<SecretReport> {
  const lines = files.flatMap((file) => file.hunks.flatMap((hunk) => hunk.lines.map((line) => ({ file, line }))))
  const { text, starts } = joinLines(lines.map(({ line }) => line.text))
  const places = mergePlaces([...findSecretPlaces(text), ...(await scan(text))])
  const mask = maskFor(text, places)
  const findings = places.flatMap((place) => {
    const at = lines[lineAt(starts, place.start)]
    return at?.line.kind === 'added' && at.line.newLine !== null
      ? [findingOf(at.file.path, at.line, at.line.newLine, place, mask)]
      : []
  })
  return { findings, files: places.length === 0 ? files : files.map((file) => maskFile(file, mask)), mask }
}

function joinLines(lines: readonly string[]): { text: string; starts: number[] } {
  const starts: number[] = []
  let offset = 0
  for (const line of lines) {
    starts.push(offset)
    offset += line.length + 1
  }
  return { text: lines.join('\n'), starts }
}

/** Index of the line that holds the offset. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

function findingOf(
  path: string,
  line: DiffLine,
  number: number,
  place: SecretPlace,
  mask: (text: string) => string,
): ProvedFinding {
  const article = /^[aeiou]/i.test(place.kind) ? 'An' : 'A'
  return {
    path,
    line: number,
    endLine: number,
    side: 'RIGHT',
    place: 'quoted',
    severity: 'critical',
    category: 'security',
    title: `${article} ${place.kind} is committed here`,
    body: `This line holds what looks like ${article.toLowerCase()} ${place.kind}. Whoever can read the branch can use it: revoke it now, take it out of the history, and read it from the environment or a secret store instead.`,
    quote: mask(line.text).trim(),
    confidence: place.isCertain ? 0.95 : 0.7,
  }
}

function maskFile(file: ChangedFile, mask: (text: string) => string): ChangedFile {
  return { ...file, hunks: file.hunks.map((hunk) => maskHunk(hunk, mask)) }
}

function maskHunk(hunk: Hunk, mask: (text: string) => string): Hunk {
  const lines = hunk.lines
  const masked = mask(lines.map((line) => line.text).join('\n')).split('\n')
  const section = mask(hunk.section)
  return { ...hunk, section, lines: lines.map((line, index) => ({ ...line, text: masked[index] ?? '' })) }
}
