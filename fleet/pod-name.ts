import { createHash } from 'node:crypto'
import { type PodName, podName, type RepositoryName } from '../ports/ids.ts'

const MINUTE_MS = 60_000
const ULID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** What a pod's name says: whose it is, when it was wished for, and when it must be gone at the latest. */
export interface PodNameParts {
  readonly installId: string
  readonly ulid: string
  readonly deadlineAt: number
}

/** `devloop-<install8>-<ulid>-x<base36 deadline minutes>`; the deadline is rounded up to whole minutes, never down. */
export function buildPodName({ installId, ulid, deadlineAt }: PodNameParts): PodName {
  const minutes = Math.ceil(deadlineAt / MINUTE_MS).toString(36)
  return podName.parse(`devloop-${installId}-${ulid.toLowerCase()}-x${minutes}`)
}

/** Undefined for every name that is not one of ours, letter by letter: foreign pods are never touched. */
export function parsePodName(text: string): (PodNameParts & { readonly createdAt: number }) | undefined {
  const parsed = podName.safeParse(text)
  if (!parsed.success) return undefined
  const [, installId = '', ulid = '', deadline = ''] = parsed.data.split('-')
  const deadlineAt = Number.parseInt(deadline.slice(1), 36) * MINUTE_MS
  return Number.isSafeInteger(deadlineAt) ? { installId, ulid, deadlineAt, createdAt: timeOf(ulid) } : undefined
}

/** The Action keeps nothing between runs: any later run of the same repository finds what an earlier one left by this id. */
export function installIdOf(repository: RepositoryName): string {
  return createHash('sha256').update(repository.toLowerCase()).digest('hex').slice(0, 8)
}

function timeOf(ulid: string): number {
  return [...ulid.slice(0, 10)].reduce((sum, digit) => sum * 32 + ULID_ALPHABET.indexOf(digit), 0)
}
