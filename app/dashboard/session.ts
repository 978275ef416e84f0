import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import type { Clock, Random } from '../../ports/clock.ts'
import type { ApiKeyRow, KeyScope, KeyStore } from '../../ports/store.ts'
import { sign, verifySigned } from './signed.ts'

const SESSION_COOKIE = 'devloop_session'
const VISITOR_COOKIE = 'devloop_visitor'
const SESSION_MS = 8 * 3_600_000
const VISITOR_MS = 3_600_000
const KEYS_KEPT_MS = 5_000

const sessionShape = z.object({
  who: z.string(),
  via: z.enum(['github', 'key', 'link']),
  scopes: z.array(z.enum(['infer', 'control', 'read'])),
  /** Id of the API key it was opened with: revoking the key ends the session. */
  keyId: z.string().nullable(),
  nonce: z.string(),
  expiresAt: z.number(),
})

/** Somebody who is signed in, as the signed cookie says. */
export type Session = z.infer<typeof sessionShape>

export interface Sessions {
  /** The session of this request, when it is ours, not over, and its key is not revoked. */
  find(context: Context): Promise<Session | undefined>
  open(context: Context, who: Pick<Session, 'who' | 'via' | 'keyId'> & { scopes: readonly KeyScope[] }): Promise<void>
  close(context: Context): void
  /** What a form must send back; bound to the session, or to the visitor's cookie before there is one. */
  csrfToken(context: Context, session: Session | undefined): Promise<string>
  isCsrfToken(context: Context, session: Session | undefined, token: string): Promise<boolean>
}

export function createSessions(world: {
  readonly secret: () => Promise<string>
  readonly keys: KeyStore
  readonly clock: Clock
  readonly random: Random
  readonly isSecure: boolean
}): Sessions {
  const { clock, random } = world
  let keys: { readonly until: number; readonly rows: Promise<readonly ApiKeyRow[]> } | undefined

  const readKeys = (): Promise<readonly ApiKeyRow[]> => {
    const rows = world.keys.list()
    keys = { until: clock.now() + KEYS_KEPT_MS, rows }
    return rows
  }
  const isLiveKey = async (id: string): Promise<boolean> => {
    const kept = keys !== undefined && keys.until > clock.now() ? await keys.rows : await readKeys()
    // Unknown, but in a cookie of ours: the key was made since, maybe beside another replica.
    const row = kept.find((one) => one.id === id) ?? (await readKeys()).find((one) => one.id === id)
    return row !== undefined && row.revokedAt === null
  }
  const attributes = (maxAgeMs: number) =>
    ({
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: Math.floor(maxAgeMs / 1000),
      secure: world.isSecure,
    }) as const
  const nonceOf = (context: Context, session: Session | undefined) =>
    session?.nonce ?? getCookie(context, VISITOR_COOKIE)

  return {
    async find(context) {
      const cookie = getCookie(context, SESSION_COOKIE)
      if (cookie === undefined || cookie.length > 2_000) return undefined
      const payload = verifySigned(await world.secret(), 'session', cookie)
      if (payload === undefined) return undefined
      const session = sessionShape.parse(JSON.parse(payload))
      if (session.expiresAt <= clock.now()) return undefined
      if (session.keyId !== null && !(await isLiveKey(session.keyId))) return undefined
      return session
    },
    async open(context, who) {
      const session = { ...who, nonce: random.hex(16), expiresAt: clock.now() + SESSION_MS }
      setCookie(
        context,
        SESSION_COOKIE,
        sign(await world.secret(), 'session', JSON.stringify(session)),
        attributes(SESSION_MS),
      )
      deleteCookie(context, VISITOR_COOKIE, { path: '/' })
    },
    close(context) {
      deleteCookie(context, SESSION_COOKIE, { path: '/' })
    },
    async csrfToken(context, session) {
      let nonce = nonceOf(context, session)
      if (nonce === undefined || nonce.length < 32) {
        nonce = random.hex(16)
        setCookie(context, VISITOR_COOKIE, nonce, attributes(VISITOR_MS))
      }
      return sign(await world.secret(), 'csrf', nonce)
    },
    async isCsrfToken(context, session, token) {
      const nonce = nonceOf(context, session)
      return nonce !== undefined && verifySigned(await world.secret(), 'csrf', token) === nonce
    },
  }
}
