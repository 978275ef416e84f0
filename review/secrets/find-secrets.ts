import type { ChangedFile, Hunk } from '../diff/model.ts'
import type { ProvedFinding } from '../prove/prove.ts'
import { maskFor } from './mask.ts'
import { findSecretPlaces, mergePlaces } from './patterns.ts'
import type { SecretScanner } from './secretlint.ts'

export interface SecretReport {
  readonly secrets: readonly CommittedSecret[]
  /** One per secret on an added line; they never hold a value. */
  readonly findings: readonly ProvedFinding[]
  /** The change as models, comments, logs and receipts may see it. */
  readonly files: readonly ChangedFile[]
  /** Hides the secrets of this change, and whatever looks like one, in any other text. */
  readonly mask: (text: string) => string
}

/** A secret on an added line, without its value: what is kept of it, so that a masked change still has its findings. */
export interface CommittedSecret {
  readonly path: string
  readonly line: number
  readonly kind: string
  readonly isCertain: boolean
}

/**
 * Finds the secrets of a change: on added lines they are reported, on all lines masked. `known` are those that were found before the
 * change was masked at rest.
 */
export async function findSecrets(
  files: readonly ChangedFile[],
  scan: SecretScanner,
  known: readonly CommittedSecret[] = [],
): Promise<SecretReport> {
  const lines = files.flatMap((file) => file.hunks.flatMap((hunk) => hunk.lines.map((line) => ({ file, line }))))
  const { text, starts } = joinLines(lines.map(({ line }) => line.text))
  const places = mergePlaces([...findSecretPlaces(text), ...(await scan(text))])
  const mask = maskFor(text, places)
  const found = places.flatMap(({ kind, start, isCertain }): CommittedSecret[] => {
    const at = lines[lineAt(starts, start)]
    const line = at?.line.kind === 'added' ? at.line.newLine : null
    return at === undefined || line === null ? [] : [{ path: at.file.path, line, kind, isCertain }]
  })
  const isAt = (place: string) => found.some(({ path, line }) => `${path}\n${line}` === place)
  const secrets = [...found, ...known.filter(({ path, line }) => !isAt(`${path}\n${line}`))]
  const masked = places.length === 0 ? files : files.map((file) => maskFile(file, mask))
  return { secrets, findings: secrets.map((secret) => findingOf(secret, textAt(masked, secret))), files: masked, mask }
}

function textAt(files: readonly ChangedFile[], { path, line }: CommittedSecret): string {
  const lines = files.filter((file) => file.path === path).flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines))
  return lines.find(({ kind, newLine }) => kind === 'added' && newLine === line)?.text ?? ''
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

function findingOf({ path, line, kind, isCertain }: CommittedSecret, maskedText: string): ProvedFinding {
  const article = /^[aeiou]/i.test(kind) ? 'An' : 'A'
  return {
    path,
    line,
    endLine: line,
    side: 'RIGHT',
    place: 'quoted',
    severity: 'critical',
    category: 'security',
    title: `${article} ${kind} is committed here`,
    body: `This line holds what looks like ${article.toLowerCase()} ${kind}. Whoever can read the branch can use it: revoke it now, take it out of the history, and read it from the environment or a secret store instead.`,
    quote: maskedText.trim(),
    confidence: isCertain ? 0.95 : 0.7,
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
