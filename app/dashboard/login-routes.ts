import type { Context, Hono } from 'hono'
import { readGithubPerson } from './github-login.ts'
import { formLimit, isOwnForm, refuseForm } from './guard.ts'
import { loginPage } from './login-page.ts'
import type { OnceLinks } from './once-links.ts'
import type { DashboardParts } from './parts.ts'
import { refusalPage } from './refusal-page.ts'
import type { Sessions } from './session.ts'

/** `/login` with an API key, with GitHub, or with a link printed once; `/logout`. */
export function addLoginRoutes(app: Hono, parts: DashboardParts, sessions: Sessions, links: OnceLinks): void {
  const { github, githubWebUrl, log } = parts
  const show = async (context: Context, next: string, problem: string | null, status: 200 | 401 | 403 = 200) =>
    context.html(
      loginPage({
        csrf: await sessions.csrfToken(context, undefined),
        next,
        problem,
        withGithub: github !== null && githubWebUrl !== null,
        hasKeys: (await parts.store.keys.list()).some((key) => key.revokedAt === null),
      }),
      status,
    )

  app.get('/login', async (context) => {
    const next = ownPath(context.req.query('next'))
    const code = context.req.query('once')
    if (code !== undefined && links.take(code)) {
      await sessions.open(context, { who: 'this machine', via: 'link', keyId: null, scopes: ['read', 'control'] })
      return context.redirect(next, 303)
    }
    if ((await sessions.find(context)) !== undefined) return context.redirect(next, 303)
    if (code !== undefined)
      return show(context, next, 'This link was used before or is too old. Ask the server for a new one.', 403)
    return show(context, next, null)
  })

  app.post('/login', formLimit, async (context) => {
    if (!(await isOwnForm(context, sessions, undefined))) return refuseForm(context)
    const form = await context.req.parseBody()
    const next = ownPath(typeof form.next === 'string' ? form.next : undefined)
    const key = await parts.findKey(typeof form.key === 'string' ? form.key.trim() : '')
    if (key === undefined || !key.scopes.includes('read')) {
      const problem = key === undefined ? 'This is no key that the server knows.' : 'This key has no scope "read".'
      return show(context, next, problem, 401)
    }
    await sessions.open(context, { who: `key:${key.name}`, via: 'key', keyId: key.id, scopes: key.scopes })
    return context.redirect(next, 303)
  })

  app.get('/login/github', async (context) => {
    if (github === null || githubWebUrl === null) return context.redirect('/login', 303)
    const state = await sessions.csrfToken(context, undefined)
    const target = new URL(`${githubWebUrl}/login/oauth/authorize`)
    target.searchParams.set('client_id', github.clientId)
    target.searchParams.set('redirect_uri', new URL('/login/github/callback', originOf(context, parts)).href)
    target.searchParams.set(
      'state',
      `${state}~${Buffer.from(ownPath(context.req.query('next'))).toString('base64url')}`,
    )
    return context.redirect(target.href, 303)
  })

  app.get('/login/github/callback', async (context) => {
    const { code = '', state = '' } = context.req.query()
    const [token = '', place = ''] = state.split('~')
    if (github === null || githubWebUrl === null || !(await sessions.isCsrfToken(context, undefined, token))) {
      return show(context, '/dashboard', 'The log-in with GitHub was not begun here. Try it again.', 403)
    }
    const next = ownPath(Buffer.from(place, 'base64url').toString('utf8'))
    const person = await readGithubPerson(github, githubWebUrl, code).catch((error: unknown) => {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'A log-in with GitHub failed.')
      return undefined
    })
    if (person === undefined) return show(context, next, 'GitHub did not confirm the log-in. Try it again.', 401)
    if (person.scopes.length === 0) {
      return show(
        context,
        next,
        `${person.login} has no access to any repository that DevLoop is installed on, and is not named in access.dashboard.`,
        403,
      )
    }
    await sessions.open(context, { who: person.login, via: 'github', keyId: null, scopes: person.scopes })
    return context.redirect(next, 303)
  })

  app.post('/logout', formLimit, async (context) => {
    const session = await sessions.find(context)
    if (!(await isOwnForm(context, sessions, session))) return refuseForm(context)
    sessions.close(context)
    return context.html(refusalPage('Logged out', 'You are logged out.'))
  })
}

/** Where to go after the log-in: a page of the dashboard, never another site. */
function ownPath(wanted: string | undefined): string {
  if (wanted === undefined || !URL.canParse(wanted, 'http://here.invalid')) return '/dashboard'
  const { origin, pathname, search } = new URL(wanted, 'http://here.invalid')
  const isOurs = origin === 'http://here.invalid' && (pathname === '/dashboard' || pathname.startsWith('/dashboard/'))
  return isOurs ? pathname + search : '/dashboard'
}

function originOf(context: Context, { publicUrl }: DashboardParts): string {
  return publicUrl ?? new URL(context.req.url).origin
}
