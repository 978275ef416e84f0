import { StoreError } from '../../ports/errors.ts'

const FULL = new Set(['53100', 'ENOSPC', 'EDQUOT'])
const READ_ONLY = new Set(['25006', 'EROFS', 'EACCES', 'EPERM'])
/** The server shut down, crashed, or is not up yet; class 08 is PostgreSQL's own for connections. */
const LOST =
  /^(?:08...|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/
/** What the client says without a code. */
const LOST_WORDS =
  /connection terminated|timeout exceeded when trying to connect|connection error and is not queryable/i

/** How every message of a lost connection begins. */
export const AWAY = 'The database cannot be reached'

/** The SQLSTATE or system code of a failed statement; empty when there is none. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** Somebody else inserted the same key first. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === '23505' || (error instanceof StoreError && codeOf(error.cause) === '23505')
}

/** The statement never reached the database, or its answer never came back. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof StoreError) return error.facts.isLost === true
  return LOST.test(codeOf(error)) || (error instanceof Error && LOST_WORDS.test(error.message))
}

/** A failed statement as the rest of the house knows it. What has been translated already passes. */
export function storeFailure(error: unknown): Error {
  if (error instanceof StoreError) return error
  const code = codeOf(error)
  const text = error instanceof Error ? error.message : String(error)
  if (isConnectionLoss(error)) return away(text, code, error)
  if (FULL.has(code) || READ_ONLY.has(code)) return unwritable('The database', code, error, 'retry')
  return new StoreError({
    code: 'unavailable',
    message: `The database did not carry out a statement: ${text}${code === '' ? '' : ` (${code})`}.`,
    remedy: 'It is tried again; if it lasts, see whether the database is up and DATABASE_URL is right.',
    owner: 'retry',
    facts: { sqlState: code },
    cause: error,
  })
}

function away(text: string, code: string, cause: unknown): StoreError {
  return new StoreError({
    code: 'unavailable',
    message: `${AWAY} (${code === '' ? text : code}).`,
    remedy: 'It is tried again; if it lasts, see whether the database is up and DATABASE_URL is right.',
    owner: 'retry',
    facts: { sqlState: code, isLost: true },
    cause,
  })
}

/** `owner`: a server that runs waits for room, since nothing that came in may be given up for it; one that starts says what to do. */
export function unwritable(
  what: string,
  code: string,
  cause?: unknown,
  owner: 'operator' | 'retry' = 'operator',
): StoreError {
  const full = FULL.has(code)
  return new StoreError({
    code: 'unwritable',
    message: full ? `${what} has no room left (${code}).` : `${what} cannot be written (${code}).`,
    remedy: full
      ? 'Free at least 200 MB there, or point DEVLOOP_DATA to another directory.'
      : 'Give this user the right to write there, or point DEVLOOP_DATA to another directory.',
    owner,
    facts: { code },
    cause,
  })
}
