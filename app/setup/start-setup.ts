import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Environment } from '../../config/environment.ts'
import { convertManifest, type NewApp, SetupError } from '../../parts/app-manifest.ts'
import { readAppManifest } from '../../parts/app-yml.ts'
import { writeDotEnv } from '../../parts/dot-env.ts'
import { listen, WEBHOOK_PATH } from '../server.ts'
import { beginPage, donePage, failedPage, refusedPage, submitPage } from './pages.ts'

export interface RunningSetup {
  /** With the one-time code; for the terminal only. */
  readonly link: string
  readonly url: string
  stop(): Promise<void>
}

const COOKIE = 'devloop_setup'
const MAX_HOOK_BYTES = 1_000_000
const MAX_KEPT_HOOKS = 20

/** Serves the set-up page on this machine only. The code lets one browser in, once; a cookie of that browser is then its key. */
export async function startSetup(environment: Environment, folder: string): Promise<RunningSetup> {
  const code = randomBytes(18).toString('base64url')
  const session = randomBytes(18).toString('base64url')
  const state = randomBytes(18).toString('base64url')
  const { manifest, ...rights } = await readAppManifest()
  const webUrl = (environment.GITHUB_WEB_URL ?? 'https://github.com').replace(/\/+$/, '')
  let isCodeUsed = false
  let made: NewApp | undefined
  let envPath = ''
  let url = ''
  // The ping may come before the secret that signs it is known here.
  const hooks: { readonly body: string; readonly signature: string }[] = []
  const app = new Hono()

  app.post(WEBHOOK_PATH, async (context) => {
    const body = await context.req.text()
    const isPing = context.req.header('x-github-event') === 'ping'
    if (!isPing || body.length > MAX_HOOK_BYTES) return context.body(null, 202)
    hooks.push({ body, signature: context.req.header('x-hub-signature-256') ?? '' })
    if (hooks.length > MAX_KEPT_HOOKS) hooks.shift()
    return context.body(null, 202)
  })
  app.get('/setup', (context) => {
    const given = context.req.query('code')
    if (given !== undefined && !isCodeUsed && isEqual(given, code)) {
      isCodeUsed = true
      setCookie(context, COOKIE, session, { httpOnly: true, sameSite: 'Lax', path: '/setup' })
      return context.redirect('/setup')
    }
    if (!isEqual(getCookie(context, COOKIE) ?? '', session)) return context.html(refusedPage(), 403)
    const hookUrl = `${environment.PUBLIC_URL ?? url}${WEBHOOK_PATH}`
    return context.html(beginPage({ manifest, ...rights }, hookUrl))
  })
  app.use('/setup/*', async (context, next) => {
    if (!isEqual(getCookie(context, COOKIE) ?? '', session)) return context.html(refusedPage(), 403)
    return next()
  })
  app.post('/setup/manifest', async (context) => {
    const { owner = '', name = '', hook = '' } = await context.req.parseBody<Record<string, string>>()
    if (!/^[A-Za-z0-9-]*$/.test(owner) || !URL.canParse(hook))
      return context.html(failedPage('The organisation or the address does not fit.', 'Correct it.'), 400)
    const place = owner === '' ? 'settings' : `organizations/${owner}/settings`
    const wish = {
      ...manifest,
      name,
      hook_attributes: { url: hook, active: true },
      redirect_url: `${url}/setup/created`,
    }
    return context.html(submitPage(`${webUrl}/${place}/apps/new?state=${state}`, JSON.stringify(wish)))
  })
  app.get('/setup/created', async (context) => {
    if (!isEqual(context.req.query('state') ?? '', state))
      return context.html(failedPage('This answer belongs to no App that was begun here.', 'Begin again.'), 403)
    try {
      made ??= await convertManifest(environment.GITHUB_API_URL, context.req.query('code') ?? '')
      envPath = await writeDotEnv(folder, {
        APP_ID: String(made.id),
        PRIVATE_KEY: made.pem,
        WEBHOOK_SECRET: made.webhook_secret,
        CLIENT_ID: made.client_id,
        CLIENT_SECRET: made.client_secret,
      })
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      return context.html(failedPage(error.message, error.remedy), 502)
    }
    return context.html(donePage({ slug: made.slug, installUrl: `${made.html_url}/installations/new`, envPath }))
  })
  app.get('/setup/ping', (context) => {
    const secret = made?.webhook_secret
    const isHeard = secret !== undefined && hooks.some((hook) => isSigned(hook, secret))
    const text = isHeard ? 'GitHub’s webhooks arrive, and their signature fits.' : 'Waiting for GitHub’s first webhook…'
    return context.json({ state: isHeard ? 'heard' : 'waiting', text })
  })

  const listening = await listen(app, { host: '127.0.0.1', port: environment.PORT })
  url = listening.url
  return { url, link: `${url}/setup?code=${code}`, stop: () => listening.close(500) }
}

function isSigned({ body, signature }: { readonly body: string; readonly signature: string }, secret: string): boolean {
  return isEqual(signature, `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
}

function isEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
