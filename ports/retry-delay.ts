import { isCodedError } from './errors.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/** How soon a message is tried again that failed because the store is away. */
export const STORE_AWAY_MS = 2_000

/** How long to wait after the n-th failure: 1 s, 2 s, 4 s … 60 s, or longer when the other side said so. */
export function retryDelayMs(failures: number, error: unknown): number {
  const backoffMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(16, Math.max(0, failures - 1)))
  const askedMs = isCodedError(error) ? (error.retryAfterMs ?? 0) : 0
  return Math.max(backoffMs, askedMs)
}
