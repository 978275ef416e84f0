import { type ErrorOwner, StoreError } from '../../ports/errors.ts'
import type { Sql } from './sql.ts'
import { codeOf, storeFailure } from './store-failure.ts'

/** `DATABASE_URL` may name nothing older: PostgreSQL 14 and before are not tested against. */
const OLDEST_MAJOR = 15
const NO_RIGHTS = '42501'

/** Refuses a server that is too old before anything is written to it. */
export async function refuseOldServer(sql: Sql): Promise<void> {
  const [row] = await sql.query<{ version: string }>("SELECT current_setting('server_version_num') AS version")
  const major = Math.floor(Number(row?.version) / 10_000)
  if (!(major < OLDEST_MAJOR)) return
  throw new StoreError({
    code: 'old-server',
    message: `The database of DATABASE_URL is PostgreSQL ${major}; DevLoop needs ${OLDEST_MAJOR} or newer.`,
    remedy: 'Upgrade the server, or leave DATABASE_URL out to use the embedded database.',
    owner: 'operator',
    facts: { major },
  })
}

/** Why a database could not be opened, for the person who set `DATABASE_URL`. The user and the password are never repeated. */
export function openingFailure(databaseUrl: string, error: unknown): Error {
  if (error instanceof StoreError && error.code !== 'unavailable') return error
  const cause = error instanceof StoreError ? error.cause : error
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined
  if (url === undefined)
    return refusal(
      'DATABASE_URL is no address.',
      'Write it like postgres://user:password@host:5432/name.',
      'user',
      cause,
    )
  const code = codeOf(cause)
  const place = `The database at ${url.host === '' ? 'the local socket' : url.host} (DATABASE_URL)`
  const name = decodeURIComponent(url.pathname.slice(1))
  switch (code) {
    case '28P01':
    case '28000':
      return refusal(
        `${place} refused the user (${code}).`,
        'Correct user and password in DATABASE_URL.',
        'operator',
        cause,
      )
    case '3D000':
      return refusal(`${place} has no database "${name}".`, 'Create it, or correct DATABASE_URL.', 'operator', cause)
    case NO_RIGHTS:
      return refusal(
        `${place} does not let this user create what DevLoop needs (${code}).`,
        `Grant it: GRANT CREATE ON DATABASE "${name}" TO the user of DATABASE_URL.`,
        'operator',
        cause,
      )
  }
  const failure = storeFailure(error)
  if (failure instanceof StoreError && failure.facts.isLost !== true) return failure
  return refusal(
    `${place} could not be reached (${code === '' ? textOf(cause) : code}).`,
    'Start PostgreSQL there, or correct DATABASE_URL.',
    'operator',
    cause,
  )
}

function refusal(message: string, remedy: string, owner: ErrorOwner, cause: unknown): StoreError {
  return new StoreError({ code: 'unavailable', message, remedy, owner, facts: { code: codeOf(cause) }, cause })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
