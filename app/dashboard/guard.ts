import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { KeyScope } from '../../ports/store.ts'
import { refusalPage } from './refusal-page.ts'
import type { Session, Sessions } from './session.ts'

/** What every page can read from its context. */
export interface DashboardEnv {
  Variables: { session: Session }
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** Nothing runs, frames or loads that is not ours, and nothing of a page stays in a cache. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next()
  context.header('content-security-policy', POLICY)
  context.header('x-frame-options', 'DENY')
  context.header('x-content-type-options', 'nosniff')
  context.header('referrer-policy', 'same-origin')
  context.header('cross-origin-opener-policy', 'same-origin')
  if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
}

/** Forms are small; what is larger is not read. */
export const formLimit = bodyLimit({
  maxSize: 16 * 1024,
  onError: (context) => context.html(refusalPage('Too much', 'The form holds more than it can mean.'), 413),
})

/** Lets nobody in without a session that may read; a browser is sent to the log-in and back. */
export function requireSession(sessions: Sessions): MiddlewareHandler<DashboardEnv> {
  return async (context, next) => {
    const session = await sessions.find(context)
    if (session === undefined) {
      if (context.req.method !== 'GET' || context.req.path.endsWith('/events')) {
        return context.html(refusalPage('Please log in first', 'Your session is over. Log in and try again.'), 401)
      }
      const { pathname, search } = new URL(context.req.url)
      return context.redirect(`/login?next=${encodeURIComponent(pathname + search)}`, 303)
    }
    if (!hasScope(session, 'read')) {
      return context.html(refusalPage('Not allowed', 'This log-in may not read the dashboard.'), 403)
    }
    context.set('session', session)
    return next()
  }
}

/** A button: it comes from our own page, carries that page's token, and its person may control. */
export function requireButton(sessions: Sessions): MiddlewareHandler<DashboardEnv> {
  return async (context, next) => {
    const session = context.get('session')
    if (!(await isOwnForm(context, sessions, session))) return refuseForm(context)
    if (!hasScope(session, 'control')) {
      return context.html(
        refusalPage('Not allowed', 'Buttons need the scope "control"; this log-in may only read.'),
        403,
      )
    }
    return next()
  }
}

/** Browsers say where a form was sent from; the token proves it where they do not. */
export async function isOwnForm(context: Context, sessions: Sessions, session: Session | undefined): Promise<boolean> {
  const site = context.req.header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  const origin = context.req.header('origin')
  if (origin !== undefined && hostOf(origin) !== context.req.header('host')) return false
  const { csrf } = await context.req.parseBody()
  return typeof csrf === 'string' && sessions.isCsrfToken(context, session, csrf)
}

export function refuseForm(context: Context): Response | Promise<Response> {
  return context.html(
    refusalPage('The form was not accepted', 'It did not come from this page, or the page is too old. Load it again.'),
    403,
  )
}

export function hasScope(session: Session, scope: KeyScope): boolean {
  return session.scopes.includes(scope)
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
